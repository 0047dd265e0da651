--[[
  Books the next call in a provider's rate limit (generic cell rate algorithm: calls are spaced evenly, with a second's worth in hand).

  Guarantee: in any span of t ms at most t × rate + one second's worth of calls are booked (at least one). A wait of LONGEST or more is not booked: whoever
  would have to wait so long asks again, and the bookings of those who gave up do not pile up.

  KEYS[1] rate
  ARGV[1] perMinute, calls

  Returns
    n  ms to wait before the call; 0: now
]]
local rate = unpack(KEYS)
local perMinute = tonumber(ARGV[1])
--- @include "serverTime"

local LONGEST = 60000

local now = serverTime()
local spacing = 60000 / perMinute
local burst = math.max(0, 1000 - spacing)
local due = math.max(now, tonumber(redis.call('GET', rate) or 0))
local waitMs = math.max(0, math.ceil(due - burst - now))
if waitMs >= LONGEST then return LONGEST end
redis.call('SET', rate, string.format('%.3f', due + spacing), 'PX', math.ceil(due + spacing - now) + 1000)
return waitMs
