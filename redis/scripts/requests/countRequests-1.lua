--[[
  Counts requests that a user has made already, and says whether more may follow (generic cell rate algorithm).

  Guarantee: once told, the user is let through again only as fast as one request in `spacing` ms, over the whole cluster, beyond `burst` at
  once. What came before it was told is counted, not undone.

  KEYS[1] requestRate
  ARGV[1] spacing, ms between requests in the long run; fractions allowed
  ARGV[2] burst, requests at once
  ARGV[3] count, requests since the last call

  Returns
    n  ms for which the user has to wait; 0: may go on
]]
local requestRate = unpack(KEYS)
local spacing, burst, count = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
--- @include "serverTime"

local now = serverTime()
local due = math.max(now, tonumber(redis.call('GET', requestRate) or 0)) + count * spacing
redis.call('SET', requestRate, string.format('%.3f', due), 'PX', string.format('%.0f', math.ceil(due - now)))
return math.max(0, math.ceil(due - now - burst * spacing))
