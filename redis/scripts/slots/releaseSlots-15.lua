--[[
  Gives back the slots of runs that have ended, on the leader's word to those who are first in the queue; else it wakes the leader.

  Guarantee: fenced: an attempt that no longer owns the slot changes nothing, so a late worker never frees the slot of its successor.
  Slots never exceed the limit; order is that of the queue.

  KEYS[1] generation
  KEYS[2] epoch
  KEYS[3] limits
  KEYS[4] level
  KEYS[5] queue
  KEYS[6] queueDeadlines
  KEYS[7] entries
  KEYS[8] queuedByUser
  KEYS[9] slots
  KEYS[10] holders
  KEYS[11] ready
  KEYS[12] grantCounter
  KEYS[13] permit
  KEYS[14] cancels
  KEYS[15] serviceTimes
  ARGV[1] wake, channel
  ARGV[2] lease, of a granted slot, ms
  ARGV[3] samples, service times to keep
  ARGV[4…] per run (at most 1000): id, attempt, `<workflow id>:<service time, ms>` or nothing

  Returns
    -1 REBUILDING
    n  number of slots given back
]]
local generation, epoch, limits, level, queue, queueDeadlines, entries, queuedByUser,
  slots, holders, ready, grantCounter, permit, cancels, serviceTimes = unpack(KEYS)
local wake, lease, samples = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
--- @include "serverTime"
--- @include "freeSlots"
--- @include "mayStartNext"
--- @include "startFirst"

if redis.call('EXISTS', generation) == 0 then return -1 end
local runs, seen, ended, times = {}, {}, {}, {}
for i = 1, (#ARGV - 3) / 3 do runs[i] = ARGV[3 * i + 1] end
for i, holder in ipairs(redis.call('HMGET', holders, unpack(runs))) do
  local run, attempt, sample = runs[i], tonumber(ARGV[3 * i + 2]), ARGV[3 * i + 3]
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

local waiting = #ended > 0 and redis.call('ZCARD', queue) or 0
if waiting > 0 then
  local now = serverTime()
  local free = (redis.call('HGET', limits, 'max_workflows') or 0) - redis.call('ZCARD', slots)
  local startable = mayStartNext(now) and math.max(0, math.min(waiting, free, #ended)) or 0
  startFirst(startable, lease, now)
  if startable < math.min(waiting, free) then redis.call('PUBLISH', wake, 'released') end
end
return #ended
