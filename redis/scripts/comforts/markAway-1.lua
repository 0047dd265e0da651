--[[
  A replica says which of its users are away, all their sockets there, and which are not any more. To be renewed like a lease.

  Guarantee: what other replicas say of the same users stays; what nobody renews lapses after `life`.

  KEYS[1] away
  ARGV[1] replica
  ARGV[2] life, ms
  ARGV[3] count, of those who are away
  ARGV[4…] user ids, at most some thousand: first those who are away, then those who are not

  Returns
    n  users marked by any replica
]]
local away = unpack(KEYS)
local replica, life, count = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
--- @include "serverTime"
--- @include "parseAway"

local now = serverTime()
for i = 4, #ARGV do
  local replicas = parseAway(redis.call('HGET', away, ARGV[i]) or '', now)
  replicas[replica] = i < 4 + count and string.format('%.0f', now + life) or nil
  local parts = {}
  for name, endsAt in pairs(replicas) do table.insert(parts, name .. '=' .. endsAt) end
  if #parts == 0 then redis.call('HDEL', away, ARGV[i]) else redis.call('HSET', away, ARGV[i], table.concat(parts, ' ')) end
end
-- Fields of dead replicas go with the whole: nobody is away for ever.
redis.call('PEXPIRE', away, 4 * life)
return redis.call('HLEN', away)
