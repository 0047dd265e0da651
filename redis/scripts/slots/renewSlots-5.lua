--[[
  Renews the leases of a worker's runs; the first renewal of an attempt takes the slot in its name.

  Guarantee: an attempt keeps the slot until a later one takes it or it is handed over; who is told "lost" must stop at once and neither
  write nor release. Taking removes the run from the ready list, should it be there (the taker was slow and the run on its way to the
  next worker), so a taken run never is.

  KEYS[1] generation
  KEYS[2] slots
  KEYS[3] holders
  KEYS[4] ready
  KEYS[5] cancels
  ARGV[1] lease, ms
  ARGV[2…] per run (at most 1000): id, attempt

  Returns
    -1 REBUILDING
    {per run…}, where a run is
      0  lost: another attempt owns it, or it is gone
      1  held
      2  held, but its owner has cancelled it: stop, then release
]]
local generation, slots, holders, ready, cancels = unpack(KEYS)
local lease = tonumber(ARGV[1])
--- @include "serverTime"
--- @include "parseHolder"
--- @include "readyLine"

if redis.call('EXISTS', generation) == 0 then return -1 end
local expiry = serverTime() + lease
local runs = {}
for i = 1, (#ARGV - 1) / 2 do runs[i] = ARGV[2 * i] end

-- `taken`: fence by run that has been taken here; a worker may hold two attempts of one run without knowing that it lost the earlier.
local reply, taken = {}, {}
local cancelled = redis.call('SMISMEMBER', cancels, unpack(runs))
for i, holder in ipairs(redis.call('HMGET', holders, unpack(runs))) do
  local run, attempt = runs[i], tonumber(ARGV[2 * i + 1])
  local fence, grant, entry
  if holder then fence, grant, entry = parseHolder(holder) end
  fence = taken[run] or fence
  if not holder or attempt <= fence then
    reply[i] = 0
  else
    if attempt - 0.5 > fence then
      if fence % 1 == 0 then redis.call('LREM', ready, 1, readyLine(run, fence, grant)) end
      taken[run] = attempt - 0.5
      redis.call('HSET', holders, run, taken[run] .. ':' .. grant .. ':' .. entry)
    end
    redis.call('ZADD', slots, expiry, run)
    reply[i] = 1 + cancelled[i]
  end
end
return reply
