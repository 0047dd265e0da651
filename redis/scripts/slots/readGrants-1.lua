--[[
  The runs that hold a slot and since when, for the estimate. Changes nothing.

  KEYS[1] holders

  Returns
    {now (ms), per run: id, workflow id, granted at (ms)…}
]]
local holders = unpack(KEYS)
--- @include "serverTime"
--- @include "parseHolder"

local reply = { serverTime() }
local pairsOfAll = redis.call('HGETALL', holders)
for i = 1, #pairsOfAll, 2 do
  local _, grant, entry = parseHolder(pairsOfAll[i + 1])
  reply[#reply + 1] = pairsOfAll[i]
  reply[#reply + 1] = string.match(entry, '^%d+:%d+:([^:]*)')
  reply[#reply + 1] = tonumber(string.match(grant, '^%d+'))
end
return reply
