--[[
  isStaleEpoch(claimed): true if a later leader has been seen; otherwise remembers the epoch claimed.

  Uses epoch
]]
local function isStaleEpoch(claimed)
  local seen = tonumber(redis.call('GET', epoch) or 0)
  if claimed > seen then redis.call('SET', epoch, claimed) end
  return claimed < seen
end
