--[[
  grantSlots(runs, floors, expiry, now): gives each run (at most 1000) a slot and puts it at the end of the ready list, in order.
  Until a worker takes it, nobody holds the lease, which ends at `expiry` (ms).

  The fence of a slot: an attempt may touch the slot if it is greater. It begins as the attempt floor; the attempt that takes the slot
  sets it half a step below itself, so that a whole fence means "nobody has taken it" and rounding up shuts the holder out.

  Uses slots, slotFences, slotGrants, ready, grantCounter
]]
--- @include "readyLine"

local function grantSlots(runs, floors, expiry, now)
  if #runs == 0 then return end
  local first = redis.call('INCRBY', grantCounter, #runs) - #runs
  local leases, fences, grants, lines = {}, {}, {}, {}
  expiry = string.format('%.0f', expiry)
  for i, run in ipairs(runs) do
    local grant = now .. ':' .. first + i
    local at = 2 * i
    leases[at - 1], leases[at] = expiry, run
    fences[at - 1], fences[at] = run, floors[i]
    grants[at - 1], grants[at] = run, grant
    lines[i] = readyLine(run, floors[i], grant)
  end
  redis.call('ZADD', slots, unpack(leases))
  redis.call('HSET', slotFences, unpack(fences))
  redis.call('HSET', slotGrants, unpack(grants))
  redis.call('RPUSH', ready, unpack(lines))
end
