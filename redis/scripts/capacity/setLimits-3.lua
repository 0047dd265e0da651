--[[
  Changes limits of the cluster while it runs.

  Guarantee: the next script of any replica sees them; the level follows in this very script, and the leader is woken because there may
  be more slots now.

  KEYS[1] limits
  KEYS[2] level
  KEYS[3] users
  ARGV[1] announce, channel
  ARGV[2] wake, channel
  ARGV[3…] per limit: name, value

  Returns
    {rank, sequence, since (ms), active users, max users}
]]
local limits, level, users = unpack(KEYS)
local announce, wake = ARGV[1], ARGV[2]
--- @include "serverTime"
--- @include "evaluateLevel"

redis.call('HSET', limits, unpack(ARGV, 3))
redis.call('PUBLISH', wake, 'limits')
return evaluateLevel(serverTime(), announce)
