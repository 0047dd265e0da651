--[[
  Gives the right to probe back when the probe had no outcome.

  Guarantee: takes nobody else's probe away.

  KEYS[1] opening
  KEYS[2] probe
  ARGV[1] no, of the opening
  ARGV[2] holder
  ARGV[3] pause, ms until the next probe is due

  Returns
    1  done
    0  the opening or the holder's probe is over
]]
local opening, probe = unpack(KEYS)
local no, holder, pause = ARGV[1], ARGV[2], tonumber(ARGV[3])
--- @include "serverTime"
--- @include "holdsProbe"

local now = serverTime()
if not holdsProbe(opening, probe, no, holder, now) then return 0 end
redis.call('DEL', probe)
redis.call('HSET', opening, 'probeAt', now + pause)
return 1
