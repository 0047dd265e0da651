--[[
  handOver(run, holder, expiry): puts a run that keeps its slot back to the ready list, once, before all that was granted later.
  Nobody holds the lease, which ends at `expiry` (ms). Rounding the fence up shuts out the attempt that had taken the slot.

  Mostly that is the head; the list is only searched when one stands there that was granted earlier and handed over before.

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

  local line, no = readyLine(run, floor, grant), tonumber(string.match(grant, '%d+$'))
  local function isLater(other) return tonumber(string.match(other, '%d+$')) > no end
  local head = redis.call('LINDEX', ready, 0)
  if not head or isLater(head) then
    redis.call('LPUSH', ready, line)
    return
  end
  for _, other in ipairs(redis.call('LRANGE', ready, 1, -1)) do
    if isLater(other) then
      redis.call('LINSERT', ready, 'BEFORE', other, line)
      return
    end
  end
  redis.call('RPUSH', ready, line)
end
