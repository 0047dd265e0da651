--[[
  startFirst(count, lease, now): gives a slot to each of the first `count` runs (at most 1000) of the queue; the lease is theirs for `lease` ms.
  Returns their ids and owners, in order.

  Uses queue
]]
--- @include "leaveQueue"
--- @include "grantSlots"

local function startFirst(count, lease, now)
  local runs, floors, owners, runEntries = leaveQueue(count > 0 and redis.call('ZRANGE', queue, 0, count - 1) or {})
  grantSlots(runs, floors, runEntries, now + lease, now)
  return runs, owners
end
