--[[
  Brings the state of the comforts in line with the level and with what is forced, and says what it is.

  Guarantee: a change is made, numbered and logged once, whoever settles first.

  KEYS[1] limits
  KEYS[2] level
  KEYS[3] users
  KEYS[4] features
  KEYS[5] featureForces
  KEYS[6] featureLog
  ARGV[1] channel, on which a change is told
  ARGV[2] life, of the state, ms

  Returns
    {sequence, since (ms), changes in the log, '<on|off>:<forced or empty>' of each comfort, then '<on|off>:<end, ms, 0: none>:<by>' or '' of each}
]]
local limits, level, users, features, featureForces, featureLog = unpack(KEYS)
local channel, life = ARGV[1], ARGV[2]
--- @include "serverTime"
--- @include "evaluateFeatures"

return evaluateFeatures(serverTime(), life, channel, 'system', '')
