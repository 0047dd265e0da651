--[[
  First step of rebuilding the state from Postgres: clears what is derived from it. Until finishRebuild everybody is told REBUILDING.
  Users, limits and level stay: they come from the replicas, not from Postgres.

  Guarantee: of two leaders the later one's rebuild counts; should the data be lost again half-way, the mark `rebuild` is lost
  with it and the next step says "begin again".

  KEYS[1] generation
  KEYS[2] epoch
  KEYS[3] rebuild
  KEYS[4] queue
  KEYS[5] queueDeadlines
  KEYS[6] entries
  KEYS[7] queuedByUser
  KEYS[8] slots
  KEYS[9] slotFences
  KEYS[10] slotGrants
  KEYS[11] ready
  KEYS[12] grantCounter
  KEYS[13] cancels
  KEYS[14] drain
  KEYS[15] estimate
  KEYS[16] rescuePulse
  ARGV[1] leaderEpoch

  Returns
    -2 STALE_EPOCH
    1  begun
]]
local generation, epoch, rebuild, queue, queueDeadlines, entries, queuedByUser, slots, slotFences, slotGrants, ready,
  grantCounter, cancels, drain, estimate, rescuePulse = unpack(KEYS)
local leaderEpoch = tonumber(ARGV[1])
--- @include "isStaleEpoch"

if isStaleEpoch(leaderEpoch) then return -2 end
redis.call('UNLINK', generation, queue, queueDeadlines, entries, queuedByUser, slots, slotFences, slotGrants, ready,
  grantCounter, cancels, drain, estimate, rescuePulse)
redis.call('SET', rebuild, leaderEpoch)
return 1
