--[[
  A worker hands back runs it cannot finish, or not claim; another worker goes on with them.

  Guarantee: fenced like a release. The run keeps its slot and is taken before all that was granted later; it never is twice in the ready list.
  A cancelled run is not handed on, its slot is free.

  KEYS[1] generation
  KEYS[2] slots
  KEYS[3] holders
  KEYS[4] ready
  KEYS[5] cancels
  ARGV[1] wake, channel
  ARGV[2] lease, that nobody holds, ms
  ARGV[3…] per run: id, attempt

  Returns
    -1 REBUILDING
    n  number of runs that were still the caller's
]]
local generation, slots, holders, ready, cancels = unpack(KEYS)
local wake, lease = ARGV[1], tonumber(ARGV[2])
--- @include "serverTime"
--- @include "freeSlots"
--- @include "handOver"

if redis.call('EXISTS', generation) == 0 then return -1 end
local expiry = serverTime() + lease
local returned = 0
for i = 3, #ARGV, 2 do
  local run, attempt = ARGV[i], tonumber(ARGV[i + 1])
  local holder = redis.call('HGET', holders, run)
  if holder and attempt > parseHolder(holder) then
    returned = returned + 1
    if redis.call('SISMEMBER', cancels, run) == 1 then
      freeSlots({ run })
      redis.call('PUBLISH', wake, 'cancelled')
    else
      handOver(run, holder, expiry)
    end
  end
end
return returned
