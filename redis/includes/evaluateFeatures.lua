--[[
  evaluateFeatures(now, life, channel, by, why): decides of each comfort whether it is on: as forced, else off from level `degraded` upwards.
  Writes what has changed to `featureLog` and tells the channel. `by` and `why` belong to the administrator who forces or releases in
  this call. Returns {sequence, since (ms), changes in the log, then '<on|off>:<forced or empty>' of each comfort, then each one's force as stored or ''}.

  Each change has a number of its own, in the order in which comforts are shed; those that come back do so the other way round. The
  sequence begins with the clock, so it grows even over the loss of the hash. The hash lapses `life` ms after the last evaluation: with
  nobody to keep it up, everything is on. What the log said last is kept beside the forces, so that it also tells of that change.

  Uses limits, level, users, features, featureForces, featureLog
]]
local COMFORTS = { 'read_receipts', 'presence', 'typing' }
local LEVEL_NAMES = { 'normal', 'elevated', 'degraded', 'saturated' }
local SHED_FROM = 2
-- Kept while Postgres, where they go, is away.
local LOG_MAX = 1000

local function evaluateFeatures(now, life, channel, by, why)
  local rank = tonumber(redis.call('HGET', level, 'rank') or 0)
  local name = LEVEL_NAMES[rank + 1]
  local stored = redis.call('HMGET', features, 'sequence', 'since', unpack(COMFORTS))
  local sequence, since = tonumber(stored[1]), tonumber(stored[2])
  local changed = not sequence
  if changed then
    sequence, since = now, now
    local at = 2
    for state in string.gmatch(redis.call('HGET', featureForces, 'last') or '', '%S+') do
      at = at + 1
      stored[at] = state
    end
  end

  local states, forces, shed, back = {}, {}, {}, {}
  for i, comfort in ipairs(COMFORTS) do
    local force = redis.call('HGET', featureForces, comfort) or ''
    local forced, endsAt, forcer = string.match(force, '^(%a+):(%d+):(.*)$')
    local lapsed = forced and endsAt ~= '0' and tonumber(endsAt) <= now
    if lapsed then
      redis.call('HDEL', featureForces, comfort)
      force, forced = '', nil
    end
    local before = stored[2 + i] or 'on:'
    forces[i], states[i] = force, (forced or rank >= SHED_FROM and 'off' or 'on') .. ':' .. (forced or '')
    if states[i] ~= before then
      local change = { feature = comfort, enabled = string.sub(states[i], 1, 3) == 'on:', forced = forced or cjson.null, level = name, at = now }
      if string.match(before, ':(.*)$') ~= (forced or '') then
        change.cause = forced and 'forced' or lapsed and 'lapsed' or 'released'
        change.by, change.why = forced and forcer or lapsed and 'system' or by, lapsed and 'the end that was set' or why
      else
        change.cause, change.by = 'level', 'system'
        change.why = string.format('%s: %d of %d users', name, redis.call('HLEN', users), tonumber(redis.call('HGET', limits, 'max_users') or 0))
      end
      if change.enabled then table.insert(back, 1, change) else table.insert(shed, change) end
    end
  end

  for _, changes in ipairs({ shed, back }) do
    for _, change in ipairs(changes) do
      sequence, since, changed = sequence + 1, now, true
      change.seq = sequence
      redis.call('ZADD', featureLog, string.format('%.0f', sequence), cjson.encode(change))
    end
  end
  if #shed + #back > 0 then redis.call('HSET', featureForces, 'last', table.concat(states, ' ')) end
  redis.call('HSET', features, 'sequence', string.format('%.0f', sequence), 'since', string.format('%.0f', since),
    COMFORTS[1], states[1], COMFORTS[2], states[2], COMFORTS[3], states[3])
  redis.call('PEXPIRE', features, life)
  if changed then
    redis.call('ZREMRANGEBYRANK', featureLog, 0, -LOG_MAX - 1)
    redis.call('PUBLISH', channel, string.format('%.0f', sequence))
  end
  local answer = { sequence, since, redis.call('ZCARD', featureLog) }
  for _, values in ipairs({ states, forces }) do
    for _, value in ipairs(values) do table.insert(answer, value) end
  end
  return answer
end
