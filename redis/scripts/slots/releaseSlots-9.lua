--[[
  Gives back the slots of runs that have ended.

  Guarantee: fenced: an attempt that no longer owns the slot changes nothing, so a late worker never frees the slot of its successor.

  KEYS[1] generation
  KEYS[2] queue
  KEYS[3] entries
  KEYS[4] slots
  KEYS[5] slotFences
  KEYS[6] slotGrants
  KEYS[7] ready
  KEYS[8] cancels
  KEYS[9] serviceTimes
  ARGV[1] wake, channel
  ARGV[2] samples, service times to keep
  ARGV[3…] per run (at most 1000): id, attempt, `<workflow id>:<service time, ms>` or nothing

  Returns
    -1 REBUILDING
    n  number of slots given back
]]
local generation, queue, entries, slots, slotFences, slotGrants, ready, cancels, serviceTimes = unpack(KEYS)
local wake, samples = ARGV[1], tonumber(ARGV[2])
--- @include "freeSlots"

if redis.call('EXISTS', generation) == 0 then return -1 end
local runs, seen, ended, fences, times = {}, {}, {}, {}, {}
for i = 1, (#ARGV - 2) / 3 do runs[i] = ARGV[3 * i] end
for i, fence in ipairs(redis.call('HMGET', slotFences, unpack(runs))) do
  local sample = ARGV[3 * i + 2]
  fence = tonumber(fence)
  if fence and tonumber(ARGV[3 * i + 1]) > fence and not seen[runs[i]] then
    seen[runs[i]] = true
    ended[#ended + 1], fences[#fences + 1] = runs[i], fence
    if sample ~= '' then times[#times + 1] = sample end
  end
end

freeSlots(ended, fences)
if #times > 0 then
  redis.call('LPUSH', serviceTimes, unpack(times))
  redis.call('LTRIM', serviceTimes, 0, samples - 1)
end
if #ended > 0 and redis.call('EXISTS', queue) == 1 then redis.call('PUBLISH', wake, 'released') end
return #ended
