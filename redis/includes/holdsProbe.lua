--[[
  holdsProbe(opening, probe, no, holder, now): whether opening `no` stands and `holder` has its live probe.
]]
local function holdsProbe(opening, probe, no, holder, now)
  local number, endsAt = unpack(redis.call('HMGET', opening, 'no', 'endsAt'))
  if number ~= no or tonumber(endsAt) <= now then return false end
  local owner, probedUntil = unpack(redis.call('HMGET', probe, 'holder', 'until'))
  return owner == holder and tonumber(probedUntil) > now
end
