--[[
  Ends a run that its owner has cancelled (Postgres knows already).

  Guarantee: a run that no worker has is gone from the queue or the ready list at once, with its slot; for one that a worker has, the
  slot stays taken until that worker has stopped (it is told now, and again at each renewal) or its lease has lapsed.

  KEYS[1] generation
  KEYS[2] queue
  KEYS[3] queueDeadlines
  KEYS[4] entries
  KEYS[5] queuedByUser
  KEYS[6] slots
  KEYS[7] holders
  KEYS[8] ready
  KEYS[9] cancels
  ARGV[1] wake, channel
  ARGV[2] control, channel
  ARGV[3] run

  Returns
    -1 REBUILDING
    0  unknown here
    1  removed, nobody had it
    2  its worker has been told
]]
local generation, queue, queueDeadlines, entries, queuedByUser, slots, holders, ready, cancels = unpack(KEYS)
local wake, control, run = ARGV[1], ARGV[2], ARGV[3]
--- @include "queueMember"
--- @include "leaveQueue"
--- @include "freeSlots"

if redis.call('EXISTS', generation) == 0 then return -1 end
local entry = redis.call('HGET', entries, run)
if entry then
  leaveQueue({ queueMember(run, entry) })
  return 1
end

local holder = redis.call('HGET', holders, run)
if not holder then return 0 end
local fence, grant = parseHolder(holder)
if fence % 1 == 0 and redis.call('LREM', ready, 1, readyLine(run, fence, grant)) == 1 then
  freeSlots({ run })
  redis.call('PUBLISH', wake, 'cancelled')
  return 1
end
redis.call('SADD', cancels, run)
redis.call('PUBLISH', control, '{"kind":"cancel","runId":"' .. run .. '"}')
return 2
