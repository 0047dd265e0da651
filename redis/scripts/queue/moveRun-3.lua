--[[
  Gives a waiting run another place, because its priority has been changed (Postgres knows already).

  Guarantee: only its place changes, not its deadline and nobody else's order; a run that does not wait is left alone.

  KEYS[1] generation
  KEYS[2] queue
  KEYS[3] entries
  ARGV[1] run
  ARGV[2] score, ms

  Returns
    -1 REBUILDING
    0  does not wait here
    1  moved
]]
local generation, queue, entries = unpack(KEYS)
local run, score = ARGV[1], ARGV[2]
--- @include "queueMember"

if redis.call('EXISTS', generation) == 0 then return -1 end
local entry = redis.call('HGET', entries, run)
if not entry then return 0 end
redis.call('ZADD', queue, 'XX', score, queueMember(run, entry))
return 1
