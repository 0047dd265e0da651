--[[
  A stopping worker hands back runs it cannot finish; another worker goes on with them.

  Guarantee: fenced like a release. The run keeps its slot and is the next to be taken; it never is twice in the ready list.
  A cancelled run is not handed on, its slot is free.

  KEYS[1] generation
  KEYS[2] entries
  KEYS[3] slots
  KEYS[4] slotFences
  KEYS[5] slotGrants
  KEYS[6] ready
  KEYS[7] cancels
  ARGV[1] wake, channel
  ARGV[2] lease, that nobody holds, ms
  ARGV[3…] per run: id, attempt

  Returns
    -1 REBUILDING
    n  number of runs that were still the caller's
]]
local generation, entries, slots, slotFences, slotGrants, ready, cancels = unpack(KEYS)
local wake, lease = ARGV[1], tonumber(ARGV[2])
--- @include "serverTime"
--- @include "freeSlots"
--- @include "handOver"

if redis.call('EXISTS', generation) == 0 then return -1 end
local expiry = serverTime() + lease
local returned = 0
for i = 3, #ARGV, 2 do
  local run, attempt = ARGV[i], tonumber(ARGV[i + 1])
  local fence = tonumber(redis.call('HGET', slotFences, run))
  if fence and attempt > fence then
    returned = returned + 1
    if redis.call('SISMEMBER', cancels, run) == 1 then
      freeSlots({ run }, { fence })
      redis.call('PUBLISH', wake, 'cancelled')
    else
      if fence % 1 == 0 then redis.call('LREM', ready, 1, readyLine(run, fence, redis.call('HGET', slotGrants, run))) end
      handOver(run, fence, expiry)
    end
  end
end
return returned
