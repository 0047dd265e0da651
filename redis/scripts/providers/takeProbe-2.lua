--[[
  Asks for the right to send the cluster's one probe to an open provider.

  Guarantee: at no instant do two holders have it; a holder that dies keeps it until its lease ends and no longer.

  KEYS[1] opening
  KEYS[2] probe
  ARGV[1] changes, channel
  ARGV[2] provider
  ARGV[3] holder
  ARGV[4] lease, ms

  Returns
    {number of the opening to be probed, 0}
    {0, ms to wait before the next question}
    {0, 0: the breaker is closed}
]]
local opening, probe = unpack(KEYS)
local changes, provider, holder, lease = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
--- @include "serverTime"
--- @include "readOpening"

local now = serverTime()
local standing = readOpening(opening, probe, now)
if not standing then return { 0, 0 } end
local probedUntil = tonumber(redis.call('HGET', probe, 'until') or 0)
local waitMs = math.max(standing[5], probedUntil - now)
if waitMs > 0 then return { 0, waitMs } end
redis.call('HSET', probe, 'holder', holder, 'until', now + lease)
redis.call('PEXPIRE', probe, lease)
-- Whoever dies with the probe must not take the opening along: others find it open and probe next.
local endsAt = math.max(tonumber(redis.call('HGET', opening, 'endsAt')), now + 2 * lease)
redis.call('HSET', opening, 'endsAt', endsAt)
redis.call('PEXPIRE', opening, endsAt - now)
redis.call('PUBLISH', changes, provider)
return { standing[1], 0 }
