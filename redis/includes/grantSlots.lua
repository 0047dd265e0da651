--[[
  grantSlots(runs, floors, runEntries, expiry, now): gives each run (at most 1000) a slot and puts it at the end of the ready list, in order.
  Until a worker takes it, nobody holds the lease, which ends at `expiry` (ms).

  Uses slots, holders, ready, grantCounter
]]
--- @include "readyLine"

local function grantSlots(runs, floors, runEntries, expiry, now)
  if #runs == 0 then return end
  local first = redis.call('INCRBY', grantCounter, #runs) - #runs
  local leases, holding, lines = {}, {}, {}
  expiry, now = string.format('%.0f', expiry), string.format('%.0f:', now)
  for i, run in ipairs(runs) do
    local grant = now .. first + i
    leases[2 * i - 1], leases[2 * i] = expiry, run
    holding[2 * i - 1], holding[2 * i] = run, floors[i] .. ':' .. grant .. ':' .. runEntries[i]
    lines[i] = readyLine(run, floors[i], grant)
  end
  redis.call('ZADD', slots, unpack(leases))
  redis.call('HSET', holders, unpack(holding))
  redis.call('RPUSH', ready, unpack(lines))
end
