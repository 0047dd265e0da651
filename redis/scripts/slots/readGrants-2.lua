--[[
  The runs that hold a slot and since when, for the estimate. Changes nothing.

  KEYS[1] slotGrants
  KEYS[2] entries

  Returns
    {now (ms), per run: id, workflow id, granted at (ms)…}
]]
local slotGrants, entries = unpack(KEYS)
--- @include "serverTime"

local reply = { serverTime() }
local grants = redis.call('HGETALL', slotGrants)
for i = 1, #grants, 2 do
  local entry = redis.call('HGET', entries, grants[i])
  reply[#reply + 1] = grants[i]
  reply[#reply + 1] = string.match(entry, '^%d+:%d+:([^:]*)')
  reply[#reply + 1] = tonumber(string.match(grants[i + 1], '^%d+'))
end
return reply
