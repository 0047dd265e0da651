--[[
  Places of runs in the queue. Changes nothing; O(log n) a run.

  KEYS[1] generation
  KEYS[2] entries
  KEYS[3] queue
  KEYS[4] queueDeadlines
  ARGV[1…] run ids (at most 1000)

  Returns
    -1 REBUILDING
    {per run: position from 1 (0: not in the queue), expires at (ms; 0)}
]]
local generation, entries, queue, queueDeadlines = unpack(KEYS)
--- @include "queueMember"

if redis.call('EXISTS', generation) == 0 then return -1 end
local reply = {}
for i, entry in ipairs(redis.call('HMGET', entries, unpack(ARGV))) do
  local member = entry and queueMember(ARGV[i], entry)
  local index = member and redis.call('ZRANK', queue, member)
  reply[2 * i - 1] = index and index + 1 or 0
  reply[2 * i] = index and tonumber(redis.call('ZSCORE', queueDeadlines, member)) or 0
end
return reply
