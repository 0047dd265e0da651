--[[
  freeSlots(runs): ends the hold of each run (at most 1000, all of them with a slot) on its slot, wherever the run is: with a worker, or in
  the ready list (searched only if nobody has taken the run: one that was taken is not there).

  Uses slots, holders, ready, cancels
]]
--- @include "parseHolder"
--- @include "readyLine"

local function freeSlots(runs)
  if #runs == 0 then return end
  for i, holder in ipairs(redis.call('HMGET', holders, unpack(runs))) do
    local fence, grant = parseHolder(holder)
    if fence % 1 == 0 then redis.call('LREM', ready, 1, readyLine(runs[i], fence, grant)) end
  end
  redis.call('ZREM', slots, unpack(runs))
  redis.call('HDEL', holders, unpack(runs))
  redis.call('SREM', cancels, unpack(runs))
end
