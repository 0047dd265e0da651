--[[
  readOpening(opening, probe, now): {number, reason, replica, opened at, ms until a probe is due, 1 if one is under way}; nil: closed.
  `endsAt` and the probe's `until` are judged by the same clock as all else; the keys' expiry in Redis only clears them away.
]]
local function readOpening(opening, probe, now)
  local no, reason, by, openedAt, probeAt, endsAt =
    unpack(redis.call('HMGET', opening, 'no', 'reason', 'by', 'openedAt', 'probeAt', 'endsAt'))
  if not no or tonumber(endsAt) <= now then return nil end
  local probedUntil = tonumber(redis.call('HGET', probe, 'until') or 0)
  return {
    tonumber(no), reason, by, tonumber(openedAt), math.max(0, tonumber(probeAt) - now), probedUntil > now and 1 or 0,
  }
end
