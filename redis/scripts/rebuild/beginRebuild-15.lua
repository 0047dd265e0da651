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
  KEYS[9] holders
  KEYS[10] ready
  KEYS[11] grantCounter
  KEYS[12] cancels
  KEYS[13] drain
  KEYS[14] estimate
  KEYS[15] rescuePulse
  ARGV[1] leaderEpoch

  Returns
    -2 STALE_EPOCH
    1  begun
]]
local generation, epoch, rebuild, queue, queueDeadlines, entries, queuedByUser, slots, holders, ready,
  grantCounter, cancels, drain, estimate, rescuePulse = unpack(KEYS)
local leaderEpoch = tonumber(ARGV[1])
--- @include "isStaleEpoch"

if isStaleEpoch(leaderEpoch) then return -2 end
redis.call('UNLINK', generation, queue, queueDeadlines, entries, queuedByUser, slots, holders, ready,
  grantCounter, cancels, drain, estimate, rescuePulse)
redis.call('SET', rebuild, leaderEpoch)
return 1
