--[[
  After a probe that failed: the provider is left alone for another period.

  Guarantee: changes nothing but the opening that was probed, and only for the one who holds its probe.

  KEYS[1] opening
  KEYS[2] probe
  ARGV[1] changes, channel
  ARGV[2] provider
  ARGV[3] no, of the opening
  ARGV[4] holder, of the probe
  ARGV[5] reason
  ARGV[6] by, replica
  ARGV[7] openMs, until the next probe is due
  ARGV[8] grace, ms

  Returns
    1  done
    0  the opening or the holder's probe is over
]]
local opening, probe = unpack(KEYS)
local changes, provider, no, holder = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local reason, by, openMs, grace = ARGV[5], ARGV[6], tonumber(ARGV[7]), tonumber(ARGV[8])
--- @include "serverTime"
--- @include "holdsProbe"

local now = serverTime()
if not holdsProbe(opening, probe, no, holder, now) then return 0 end
redis.call('DEL', probe)
redis.call('HSET', opening, 'reason', reason, 'by', by, 'probeAt', now + openMs, 'endsAt', now + openMs + grace)
redis.call('PEXPIRE', opening, openMs + grace)
redis.call('PUBLISH', changes, provider)
return 1
