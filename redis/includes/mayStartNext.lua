--[[
  mayStartNext(now): whether whoever frees a slot may give it to the first of the queue, as the leader would: on its word, which it gives with every
  round and which ends with its term at the latest; not while starts are paced, nor while a wait is over that the leader has to end.

  Uses epoch, level, queueDeadlines, permit
]]
local function mayStartNext(now)
  local by, endsAt = string.match(redis.call('GET', permit) or '', '^(%d+):(%d+)$')
  return by ~= nil and by == redis.call('GET', epoch) and tonumber(endsAt) > now
    and (tonumber(redis.call('HGET', level, 'rank')) or 0) == 0
    and redis.call('ZCOUNT', queueDeadlines, '-inf', now) == 0
end
