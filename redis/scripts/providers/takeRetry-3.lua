--[[
  Asks for a place in the cluster's budget of repeated calls, and reports how many calls the replica has under way.

  Guarantee: at no instant do more repeats have a place than the larger of MINIMUM and SHARE of all calls under way, as far as the replicas
  have reported them in the last REPORT_LIFE ms. The place of a replica that dies lapses.

  KEYS[1] retries
  KEYS[2] activeCalls
  KEYS[3] activeReports
  ARGV[1] replica
  ARGV[2] active, calls it has under way
  ARGV[3] token, of the place; '' only reports
  ARGV[4] lease, ms

  Returns
    1  granted
    0  the budget is used up, or nothing was asked for
]]
local retries, activeCalls, activeReports = unpack(KEYS)
local replica, active, token, lease = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
--- @include "serverTime"

-- Envoy's retry budget has the same two numbers as defaults.
local SHARE = 0.2
local MINIMUM = 3
local REPORT_LIFE = 10000

local now = serverTime()
for _, gone in ipairs(redis.call('ZRANGEBYSCORE', activeReports, '-inf', now)) do
  redis.call('ZREM', activeReports, gone)
  redis.call('HDEL', activeCalls, gone)
end
redis.call('ZADD', activeReports, now + REPORT_LIFE, replica)
redis.call('HSET', activeCalls, replica, active)
if token == '' then return 0 end

redis.call('ZREMRANGEBYSCORE', retries, '-inf', now)
local calls = 0
for _, reported in ipairs(redis.call('HVALS', activeCalls)) do calls = calls + tonumber(reported) end
if redis.call('ZCARD', retries) >= math.max(MINIMUM, math.floor(SHARE * calls)) then return 0 end
redis.call('ZADD', retries, now + lease, token)
return 1
