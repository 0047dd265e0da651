--[[
  Asks whether a user may send one more message (generic cell rate algorithm).

  Guarantee: in any span of t ms at most `burst` + t / `spacing` are granted, over the whole cluster. What is refused is not counted.

  KEYS[1] chatRate
  ARGV[1] spacing, ms between messages in the long run
  ARGV[2] burst, messages at once

  Returns
    n  ms to wait before asking again; 0: granted
]]
local chatRate = unpack(KEYS)
local spacing, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
--- @include "serverTime"

local now = serverTime()
local due = math.max(now, tonumber(redis.call('GET', chatRate) or 0))
local waitMs = math.max(0, due - now - (burst - 1) * spacing)
if waitMs > 0 then return waitMs end
redis.call('SET', chatRate, string.format('%.0f', due + spacing), 'PX', string.format('%.0f', due + spacing - now))
return waitMs
