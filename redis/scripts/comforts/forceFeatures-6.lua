--[[
  Forces comforts on or off, or releases them, for an administrator, and says what holds then.

  Guarantee: in force and in the log when this answers; comforts not named stay as they are.

  KEYS[1] limits
  KEYS[2] level
  KEYS[3] users
  KEYS[4] features
  KEYS[5] featureForces
  KEYS[6] featureLog
  ARGV[1] channel, on which a change is told
  ARGV[2] life, of the state, ms
  ARGV[3] by, the administrator
  ARGV[4] why
  ARGV[5] lasting, ms; 0: until released
  ARGV[6…] comfort, 'on', 'off' or '' (release), in turn

  Returns
    {sequence, since (ms), changes in the log, '<on|off>:<forced or empty>' of each comfort, then '<on|off>:<end, ms, 0: none>:<by>' or '' of each}
]]
local limits, level, users, features, featureForces, featureLog = unpack(KEYS)
local channel, life, by, why, lasting = ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
--- @include "serverTime"
--- @include "evaluateFeatures"

local now = serverTime()
local endsAt = lasting > 0 and now + lasting or 0
for i = 6, #ARGV, 2 do
  if ARGV[i + 1] == '' then
    redis.call('HDEL', featureForces, ARGV[i])
  else
    redis.call('HSET', featureForces, ARGV[i], string.format('%s:%.0f:%s', ARGV[i + 1], endsAt, by))
  end
end
return evaluateFeatures(now, life, channel, by, why)
