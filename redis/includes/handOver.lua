--[[
  handOver(run, holder, expiry): puts a run that keeps its slot back to the head of the ready list, once, before all that was granted
  later. Nobody holds the lease, which ends at `expiry` (ms). Rounding the fence up shuts out the attempt that had taken the slot.

  Uses slots, holders, ready
]]
--- @include "parseHolder"
--- @include "readyLine"

local function handOver(run, holder, expiry)
  local fence, grant, entry = parseHolder(holder)
  local floor = math.ceil(fence)
  if fence == floor then redis.call('LREM', ready, 1, readyLine(run, floor, grant)) end
  redis.call('ZADD', slots, expiry, run)
  redis.call('HSET', holders, run, floor .. ':' .. grant .. ':' .. entry)
  redis.call('LPUSH', ready, readyLine(run, floor, grant))
end
