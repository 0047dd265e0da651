--[[
  sweepUsers(now): ends the leases that have lapsed. Bounded, about 10 ms of Redis time; should ever more lapse at once, the rest
  counts a moment longer, which errs on the safe side.

  Uses userLeases
]]
--- @include "dropLease"

local function sweepUsers(now)
  for _, lease in ipairs(redis.call('ZRANGEBYSCORE', userLeases, '-inf', now, 'LIMIT', 0, 5000)) do dropLease(lease) end
end
