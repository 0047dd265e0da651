--[[
  evaluateLevel(now, announce): decides the capacity level from the number of users and tells the channel `announce` when it changes.
  Returns {rank, sequence, since (ms), active users, max users}.

  Each level above normal is a Schmitt trigger of its own: on as soon as users reach its share of the limit, off after EXIT_HOLD ms
  in a row below that share less EXIT_POINTS. The level is the highest that is on. Pressure (see reportReplica) can only raise it.
  The hash lapses LEVEL_LIFE ms after the last evaluation: a level nobody keeps up is none. The sequence begins with the clock, so
  it grows even over the loss of the hash.

  Uses limits, level, users
]]
local LEVELS = { 'normal', 'elevated', 'degraded', 'saturated' }
local ENTRY_PERCENT = { 80, 90, 100 }
local EXIT_POINTS = 5
local EXIT_HOLD = 10000
local LEVEL_LIFE = 30000

-- `below` of a trigger: nil = off, 0 = on, else on and below its exit since then. Without a limit (not known yet) every trigger is off.
local function nextBelow(below, entry, active, max, now)
  if max == 0 then return nil end
  if active * 100 >= entry * max then return 0 end
  if below == nil or active * 100 >= (entry - EXIT_POINTS) * max then return below and 0 end
  if below == 0 then return now end
  if now - below < EXIT_HOLD then return below end
end

local function evaluateLevel(now, announce)
  local active = redis.call('HLEN', users)
  local max = tonumber(redis.call('HGET', limits, 'max_users') or 0)
  local stored = redis.call('HMGET', level, 'rank', 'sequence', 'since', 'pressureUntil', 'below1', 'below2', 'below3')
  local before, sequence, since = tonumber(stored[1]), tonumber(stored[2]), tonumber(stored[3])
  local rank = (tonumber(stored[4]) or 0) > now and 1 or 0
  local below = {}
  for trigger, entry in ipairs(ENTRY_PERCENT) do
    below[trigger] = nextBelow(tonumber(stored[4 + trigger]), entry, active, max, now)
    if below[trigger] then rank = trigger end
  end

  local changed = rank ~= before
  if changed then sequence, since = sequence and sequence + 1 or now, now end
  redis.call('HSET', level, 'rank', rank, 'sequence', sequence, 'since', since,
    'below1', below[1] or '', 'below2', below[2] or '', 'below3', below[3] or '')
  redis.call('PEXPIRE', level, LEVEL_LIFE)
  if changed then
    redis.call('PUBLISH', announce, string.format('{"level":"%s","sequence":%.0f,"since":%.0f,"activeUsers":%d,"maxUsers":%d}',
      LEVELS[rank + 1], sequence, since, active, max))
  end
  return { rank, sequence, since, active, max }
end
