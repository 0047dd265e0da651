--[[
  Loads a batch of runs from Postgres between beginRebuild and finishRebuild: running ones get their slots back, waiting ones their
  places, by their original times.

  Guarantee: the order is that from before the loss, in whatever order the runs are loaded; a run loaded twice counts once.

  KEYS[1] epoch
  KEYS[2] rebuild
  KEYS[3] queue
  KEYS[4] queueDeadlines
  KEYS[5] entries
  KEYS[6] queuedByUser
  KEYS[7] slots
  KEYS[8] holders
  ARGV[1] leaderEpoch
  ARGV[2…] per run: id, entry (see parseEntry), kind,
    kind 0, waiting: score (ms), expires at (ms)
    kind 1, running: attempt, `<granted at, ms>:<grant number>`

  Returns
    -1 REBUILDING: not begun in this epoch, or lost again; begin
    -2 STALE_EPOCH
    1  loaded
]]
local epoch, rebuild, queue, queueDeadlines, entries, queuedByUser, slots, holders = unpack(KEYS)
local leaderEpoch = tonumber(ARGV[1])
--- @include "isStaleEpoch"
--- @include "parseEntry"
--- @include "queueMember"

if isStaleEpoch(leaderEpoch) then return -2 end
if tonumber(redis.call('GET', rebuild)) ~= leaderEpoch then return -1 end

for i = 2, #ARGV, 5 do
  local run, entry = ARGV[i], ARGV[i + 1]
  if redis.call('HEXISTS', entries, run) + redis.call('HEXISTS', holders, run) == 0 then
    if ARGV[i + 2] == '1' then
      -- Lapsed at once: finishRebuild gives all leases their time.
      redis.call('ZADD', slots, 0, run)
      redis.call('HSET', holders, run, ARGV[i + 3] - 0.5 .. ':' .. ARGV[i + 4] .. ':' .. entry)
    else
      local _, user = parseEntry(entry)
      redis.call('HSET', entries, run, entry)
      redis.call('ZADD', queue, ARGV[i + 3], queueMember(run, entry))
      redis.call('ZADD', queueDeadlines, ARGV[i + 4], queueMember(run, entry))
      redis.call('HINCRBY', queuedByUser, user, 1)
    end
  end
end
return 1
