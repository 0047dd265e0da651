--[[
  The state of the cluster at one instant, for people and for the estimate. Changes nothing.

  KEYS[1] generation
  KEYS[2] limits
  KEYS[3] level
  KEYS[4] users
  KEYS[5] slots
  KEYS[6] ready
  KEYS[7] queue
  KEYS[8] leaderInfo
  KEYS[9] estimate
  KEYS[10] replicas
  KEYS[11] replicaLeases

  Returns
    -1 REBUILDING
    {{limit name, value…}, {rank, sequence, since (ms), active users, max users}, {slots held, ready runs, queue length},
     leader JSON or nil, estimate JSON or nil, {report JSON of each live replica…}}
]]
local generation, limits, level, users, slots, ready, queue, leaderInfo, estimate, replicas, replicaLeases = unpack(KEYS)
--- @include "serverTime"

if redis.call('EXISTS', generation) == 0 then return -1 end

local state = redis.call('HMGET', level, 'rank', 'sequence', 'since')
for i = 1, 3 do state[i] = tonumber(state[i]) or 0 end
state[4] = redis.call('HLEN', users)
state[5] = tonumber(redis.call('HGET', limits, 'max_users') or 0)

local alive = redis.call('ZRANGEBYSCORE', replicaLeases, '(' .. serverTime(), '+inf')
return {
  redis.call('HGETALL', limits),
  state,
  { redis.call('ZCARD', slots), redis.call('LLEN', ready), redis.call('ZCARD', queue) },
  redis.call('GET', leaderInfo),
  redis.call('GET', estimate),
  #alive > 0 and redis.call('HMGET', replicas, unpack(alive)) or {},
}
