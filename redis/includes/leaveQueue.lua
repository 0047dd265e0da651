--[[
  leaveQueue(members): takes runs off the queue. Returns their ids, attempt floors, users and entries, each in the order of `members`
  (at most 1000).

  Uses queue, queueDeadlines, entries, queuedByUser
]]
--- @include "parseEntry"

local function leaveQueue(members)
  local runs, floors, owners, left = {}, {}, {}, {}
  if #members == 0 then return runs, floors, owners, {} end
  for i, member in ipairs(members) do runs[i] = string.sub(member, 18) end
  local runEntries = redis.call('HMGET', entries, unpack(runs))
  for i, entry in ipairs(runEntries) do
    local floor, user = parseEntry(entry)
    floors[i], owners[i] = floor, user
    left[user] = (left[user] or 0) + 1
  end
  redis.call('ZREM', queue, unpack(members))
  redis.call('ZREM', queueDeadlines, unpack(members))
  redis.call('HDEL', entries, unpack(runs))
  for user, count in pairs(left) do
    if redis.call('HINCRBY', queuedByUser, user, -count) <= 0 then redis.call('HDEL', queuedByUser, user) end
  end
  return runs, floors, owners, runEntries
end
