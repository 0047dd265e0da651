--[[
  Heartbeat of a replica: what it is and how it feels.

  Guarantee: a replica that feels pressure by both signs at once raises the level to elevated at least, for PRESSURE_LIFE ms; one sign
  alone never does (a busy event loop or a slow network is not an overloaded cluster).

  KEYS[1] limits
  KEYS[2] level
  KEYS[3] userLeases
  KEYS[4] users
  KEYS[5] replicas
  KEYS[6] replicaLeases
  ARGV[1] announce, channel
  ARGV[2] replica
  ARGV[3] lease, ms
  ARGV[4] report, JSON
  ARGV[5] loopDelay, event loop delay in ms
  ARGV[6] latency, of Redis as the replica sees it, in ms

  Returns
    {rank, sequence, since (ms), active users, max users}
]]
local limits, level, userLeases, users, replicas, replicaLeases = unpack(KEYS)
local announce, replica, lease = ARGV[1], ARGV[2], tonumber(ARGV[3])
local report, loopDelay, latency = ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6])
--- @include "serverTime"
--- @include "sweepUsers"
--- @include "sweepReplicas"
--- @include "evaluateLevel"

local PRESSURE_LOOP_DELAY = 200
local PRESSURE_LATENCY = 100
local PRESSURE_LIFE = 15000

local now = serverTime()
sweepUsers(now)
sweepReplicas(now)
redis.call('ZADD', replicaLeases, now + lease, replica)
redis.call('HSET', replicas, replica, report)
if loopDelay >= PRESSURE_LOOP_DELAY and latency >= PRESSURE_LATENCY then
  redis.call('HSET', level, 'pressureUntil', now + PRESSURE_LIFE)
end
return evaluateLevel(now, announce)
