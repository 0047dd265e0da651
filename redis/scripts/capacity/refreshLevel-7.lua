--[[
  Ends lapsed leases of users and replicas and evaluates the level; the leader calls it every second.

  Guarantee: a level falls although nobody joins or leaves any more.

  KEYS[1] epoch
  KEYS[2] limits
  KEYS[3] level
  KEYS[4] userLeases
  KEYS[5] users
  KEYS[6] replicas
  KEYS[7] replicaLeases
  ARGV[1] leaderEpoch
  ARGV[2] announce, channel

  Returns
    -2 STALE_EPOCH
    {rank, sequence, since (ms), active users, max users}
]]
local epoch, limits, level, userLeases, users, replicas, replicaLeases = unpack(KEYS)
local leaderEpoch, announce = tonumber(ARGV[1]), ARGV[2]
--- @include "serverTime"
--- @include "isStaleEpoch"
--- @include "sweepUsers"
--- @include "sweepReplicas"
--- @include "evaluateLevel"

if isStaleEpoch(leaderEpoch) then return -2 end
local now = serverTime()
sweepUsers(now)
sweepReplicas(now)
return evaluateLevel(now, announce)
