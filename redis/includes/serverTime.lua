--[[
  serverTime(): Unix milliseconds of the Redis clock, the only clock that decides about leases and waits.
  Tests replace this file to move the time.
]]
local function serverTime()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
