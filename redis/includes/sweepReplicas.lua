--[[
  sweepReplicas(now): forgets the replicas that have not reported within their lease.

  Uses replicas, replicaLeases
]]
local function sweepReplicas(now)
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', replicaLeases, '-inf', now)) do
    redis.call('ZREM', replicaLeases, id)
    redis.call('HDEL', replicas, id)
  end
end
