--[[
  Puts runs whose lease has lapsed back to the ready list, before all that was granted later; the leader calls it every second.

  Guarantee: a run is never twice in the ready list: one that still waits there only gets a new lease. A cancelled run is not put back,
  its slot is free. After a gap between calls in which live workers may have been unable to renew (Redis was away, or nobody led), all
  get `hold` ms to do so first: false rescue is the worse failure.

  KEYS[1] generation
  KEYS[2] epoch
  KEYS[3] slots
  KEYS[4] holders
  KEYS[5] ready
  KEYS[6] cancels
  KEYS[7] rescuePulse
  ARGV[1] leaderEpoch
  ARGV[2] wake, channel
  ARGV[3] lease, that nobody holds, ms
  ARGV[4] gap, ms
  ARGV[5] hold, ms

  Returns
    -1 REBUILDING
    -2 STALE_EPOCH
    {id of each run put back…}
]]
local generation, epoch, slots, holders, ready, cancels, rescuePulse = unpack(KEYS)
local leaderEpoch, wake, lease = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3])
local gap, hold = tonumber(ARGV[4]), tonumber(ARGV[5])
--- @include "serverTime"
--- @include "isStaleEpoch"
--- @include "freeSlots"
--- @include "handOver"

if redis.call('EXISTS', generation) == 0 then return -1 end
if isStaleEpoch(leaderEpoch) then return -2 end

local now = serverTime()
local last, holdUntil = unpack(redis.call('HMGET', rescuePulse, 'at', 'holdUntil'))
holdUntil = tonumber(holdUntil) or 0
if last and now - last > gap then holdUntil = now + hold end
redis.call('HSET', rescuePulse, 'at', now, 'holdUntil', holdUntil)
if now < holdUntil then return {} end

local lapsed = redis.call('ZRANGEBYSCORE', slots, '-inf', now, 'LIMIT', 0, 1000)
if #lapsed == 0 then return {} end

local waiting = {}
for _, line in ipairs(redis.call('LRANGE', ready, 0, -1)) do waiting[string.match(line, '^[^:]*')] = true end
local cancelled = redis.call('SMISMEMBER', cancels, unpack(lapsed))
local dropped, rescued = {}, {}
for i, holder in ipairs(redis.call('HMGET', holders, unpack(lapsed))) do
  local run = lapsed[i]
  if cancelled[i] == 1 then
    dropped[#dropped + 1] = run
  elseif waiting[run] then
    redis.call('ZADD', slots, now + lease, run)
  else
    local _, grant = parseHolder(holder)
    rescued[#rescued + 1] = { run = run, holder = holder, no = tonumber(string.match(grant, '%d+$')) }
  end
end

freeSlots(dropped)
if #dropped > 0 then redis.call('PUBLISH', wake, 'cancelled') end
table.sort(rescued, function(a, b) return a.no > b.no end)
local reply = {}
for i, slot in ipairs(rescued) do
  handOver(slot.run, slot.holder, now + lease)
  reply[#rescued - i + 1] = slot.run
end
return reply
