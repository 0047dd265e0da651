--[[
  freeSlots(runs, fences): ends the hold of each run (at most 1000) on its slot, wherever the run is: with a worker, or in the ready
  list (searched only if the fence is whole: a run that has been taken is not there).

  Uses entries, slots, slotFences, slotGrants, ready, cancels
]]
--- @include "readyLine"

local function freeSlots(runs, fences)
  if #runs == 0 then return end
  for i, run in ipairs(runs) do
    if fences[i] % 1 == 0 then redis.call('LREM', ready, 1, readyLine(run, fences[i], redis.call('HGET', slotGrants, run))) end
  end
  redis.call('ZREM', slots, unpack(runs))
  redis.call('HDEL', slotFences, unpack(runs))
  redis.call('HDEL', slotGrants, unpack(runs))
  redis.call('HDEL', entries, unpack(runs))
  redis.call('SREM', cancels, unpack(runs))
end
