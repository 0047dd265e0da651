--[[
  The opening of a provider's breaker.

  Changes nothing.

  KEYS[1] opening
  KEYS[2] probe

  Returns
    {number, reason, replica, opened at (ms), ms until a probe is due, 1 if one is under way}
    {} closed
]]
local opening, probe = unpack(KEYS)
--- @include "serverTime"
--- @include "readOpening"

return readOpening(opening, probe, serverTime()) or {}
