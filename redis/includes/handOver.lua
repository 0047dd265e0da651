--[[
  handOver(run, fence, expiry): puts a run that keeps its slot back to the head of the ready list, before all that was granted later.
  Nobody holds the lease, which ends at `expiry` (ms). Rounding the fence up shuts out the attempt that had taken the slot.

  Uses slots, slotFences, slotGrants, ready
]]
--- @include "readyLine"

local function handOver(run, fence, expiry)
  local floor = math.ceil(fence)
  redis.call('ZADD', slots, expiry, run)
  redis.call('HSET', slotFences, run, floor)
  redis.call('LPUSH', ready, readyLine(run, floor, redis.call('HGET', slotGrants, run)))
end
