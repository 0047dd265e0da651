--[[
  The provider answers again: closes its breaker for the whole cluster.

  Guarantee: closes only the opening that was found to be over, never a later one.

  KEYS[1] opening
  KEYS[2] probe
  ARGV[1] changes, channel
  ARGV[2] provider
  ARGV[3] no, of the opening

  Returns
    1  closed
    0  that opening is over already
]]
local opening, probe = unpack(KEYS)
local changes, provider, no = ARGV[1], ARGV[2], ARGV[3]

if redis.call('HGET', opening, 'no') ~= no then return 0 end
redis.call('DEL', opening, probe)
redis.call('PUBLISH', changes, provider)
return 1
