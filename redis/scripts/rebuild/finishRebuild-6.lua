--[[
  Last step of a rebuild: from here on the scripts decide again.

  Guarantee: every running run has one whole lease for its worker to renew before it is rescued, however long the rebuild took.

  KEYS[1] generation
  KEYS[2] epoch
  KEYS[3] rebuild
  KEYS[4] limits
  KEYS[5] slots
  KEYS[6] grantCounter
  ARGV[1] leaderEpoch
  ARGV[2] wake, channel
  ARGV[3] lease, that nobody holds, ms
  ARGV[4] newGeneration, id
  ARGV[5] lastGrant, greatest grant number in Postgres
  ARGV[6…] per limit: name, value

  Returns
    -1 REBUILDING: not begun in this epoch, or lost again; begin
    -2 STALE_EPOCH
    1  done
]]
local generation, epoch, rebuild, limits, slots, grantCounter = unpack(KEYS)
local leaderEpoch, wake, lease = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3])
local newGeneration, lastGrant = ARGV[4], ARGV[5]
--- @include "serverTime"
--- @include "isStaleEpoch"

if isStaleEpoch(leaderEpoch) then return -2 end
if tonumber(redis.call('GET', rebuild)) ~= leaderEpoch then return -1 end

local expiry = serverTime() + lease
for _, run in ipairs(redis.call('ZRANGE', slots, 0, -1)) do redis.call('ZADD', slots, expiry, run) end
redis.call('HSET', limits, unpack(ARGV, 6))
redis.call('SET', grantCounter, lastGrant)
redis.call('SET', generation, newGeneration)
redis.call('DEL', rebuild)
redis.call('PUBLISH', wake, 'rebuilt')
return 1
