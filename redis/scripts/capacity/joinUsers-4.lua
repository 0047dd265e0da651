--[[
  Begins or renews the leases of a replica's users.

  Guarantee: a user counts once, whatever the number of replicas and tabs. Only a user without any lease can be refused, and only
  beyond the hard limit.

  KEYS[1] limits
  KEYS[2] level
  KEYS[3] userLeases
  KEYS[4] users
  ARGV[1] announce, channel
  ARGV[2] replica
  ARGV[3] lease, ms
  ARGV[4…] user ids

  Returns
    {rank, sequence, since (ms), active users, max users, index from 0 of each refused user…}
]]
local limits, level, userLeases, users = unpack(KEYS)
local announce, replica, lease = ARGV[1], ARGV[2], tonumber(ARGV[3])
--- @include "serverTime"
--- @include "sweepUsers"
--- @include "evaluateLevel"

local now = serverTime()
sweepUsers(now)

local maxUsers, hardLimit = unpack(redis.call('HMGET', limits, 'max_users', 'hard_limit_users'))
hardLimit = tonumber(hardLimit) or 0
if hardLimit == 0 then hardLimit = 2 * (tonumber(maxUsers) or math.huge) end

local refused = {}
for i = 4, #ARGV do
  local user = ARGV[i]
  local mine = replica .. '|' .. user
  if redis.call('ZSCORE', userLeases, mine) then
    redis.call('ZADD', userLeases, now + lease, mine)
  elseif redis.call('HEXISTS', users, user) == 0 and redis.call('HLEN', users) >= hardLimit then
    refused[#refused + 1] = i - 4
  else
    redis.call('ZADD', userLeases, now + lease, mine)
    redis.call('HINCRBY', users, user, 1)
  end
end

local reply = evaluateLevel(now, announce)
for _, index in ipairs(refused) do reply[#reply + 1] = index end
return reply
