--[[
  Gives back the slots of runs that have ended.

  Guarantee: fenced: an attempt that no longer owns the slot changes nothing, so a late worker never frees the slot of its successor.

  KEYS[1] generation
  KEYS[2] queue
  KEYS[3] slots
  KEYS[4] holders
  KEYS[5] ready
  KEYS[6] cancels
  KEYS[7] serviceTimes
  ARGV[1] wake, channel
  ARGV[2] samples, service times to keep
  ARGV[3…] per run (at most 1000): id, attempt, `<workflow id>:<service time, ms>` or nothing

  Returns
    -1 REBUILDING
    n  number of slots given back
]]
local generation, queue, slots, holders, ready, cancels, serviceTimes = unpack(KEYS)
local wake, samples = ARGV[1], tonumber(ARGV[2])
--- @include "freeSlots"

if redis.call('EXISTS', generation) == 0 then return -1 end
local runs, seen, ended, times = {}, {}, {}, {}
for i = 1, (#ARGV - 2) / 3 do runs[i] = ARGV[3 * i] end
for i, holder in ipairs(redis.call('HMGET', holders, unpack(runs))) do
  local run, attempt, sample = runs[i], tonumber(ARGV[3 * i + 1]), ARGV[3 * i + 2]
  if holder and attempt > parseHolder(holder) and not seen[run] then
    seen[run] = true
    ended[#ended + 1] = run
    if sample ~= '' then times[#times + 1] = sample end
  end
end

freeSlots(ended)
if #times > 0 then
  redis.call('LPUSH', serviceTimes, unpack(times))
  redis.call('LTRIM', serviceTimes, 0, samples - 1)
end
if #ended > 0 and redis.call('EXISTS', queue) == 1 then redis.call('PUBLISH', wake, 'released') end
return #ended
