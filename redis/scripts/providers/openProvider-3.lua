--[[
  Opens the breaker of a model provider for the whole cluster.

  Guarantee: an opening that stands is not changed, so that three replicas that find the same fault at once make one opening; a new
  one has a number greater than all before.

  KEYS[1] opening
  KEYS[2] openings
  KEYS[3] probe
  ARGV[1] changes, channel
  ARGV[2] provider
  ARGV[3] reason
  ARGV[4] by, replica
  ARGV[5] openMs, until a probe is due
  ARGV[6] grace, ms that the opening lasts beyond that, if nobody probes

  Returns
    {1 opened or 0 stood already, number, reason, replica, opened at (ms), ms until a probe is due, 1 if one is under way}
]]
local opening, openings, probe = unpack(KEYS)
local changes, provider, reason = ARGV[1], ARGV[2], ARGV[3]
local by, openMs, grace = ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6])
--- @include "serverTime"
--- @include "readOpening"

local now = serverTime()
local standing = readOpening(opening, probe, now)
if standing then
  table.insert(standing, 1, 0)
  return standing
end
redis.call('DEL', probe)
-- Not below the clock: numbers must not come again after a loss of data either.
local no = string.format('%.0f', math.max(tonumber(redis.call('GET', openings) or 0) + 1, now))
redis.call('SET', openings, no)
redis.call('HSET', opening, 'no', no, 'reason', reason, 'by', by, 'openedAt', now, 'probeAt', now + openMs)
redis.call('HSET', opening, 'endsAt', now + openMs + grace)
redis.call('PEXPIRE', opening, openMs + grace)
redis.call('PUBLISH', changes, provider)
local opened = readOpening(opening, probe, now)
table.insert(opened, 1, 1)
return opened
