--[[
  dropLease(lease): ends one lease `<replica>|<user>`. Nothing happens if there is none. The user counts until the last one is gone.

  Uses userLeases, users
]]
local function dropLease(lease)
  if redis.call('ZREM', userLeases, lease) == 0 then return end
  local user = string.sub(lease, string.find(lease, '|', 1, true) + 1)
  if redis.call('HINCRBY', users, user, -1) <= 0 then redis.call('HDEL', users, user) end
end
