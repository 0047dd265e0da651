--[[
  Says of people whether they are here. Changes nothing. Here is who has a lease of any replica; away is who is here and of whom every
  replica with a lease says that all sockets are away.

  KEYS[1] users
  KEYS[2] away
  ARGV[1…] user ids, at most some thousand

  Returns
    {0 offline, 1 online, 2 away, …one for each user}
]]
local users, away = unpack(KEYS)
--- @include "serverTime"
--- @include "parseAway"

local now = serverTime()
local leases = redis.call('HMGET', users, unpack(ARGV))
local marks = redis.call('HMGET', away, unpack(ARGV))
local answer = {}
for i = 1, #ARGV do
  local count = tonumber(leases[i]) or 0
  local awayOn = 0
  if count > 0 and marks[i] then
    for _ in pairs(parseAway(marks[i], now)) do awayOn = awayOn + 1 end
  end
  answer[i] = count == 0 and 0 or awayOn >= count and 2 or 1
end
return answer
