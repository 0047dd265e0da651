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
  KEYS[8] slotFences
  KEYS[9] slotGrants
  ARGV[1] leaderEpoch
  ARGV[2…] per run: id, entry (see parseEntry), kind,
    kind 0, waiting: score (ms), expires at (ms)
    kind 1, running: attempt, `<granted at, ms>:<grant number>`

  Returns
    -1 REBUILDING: not begun in this epoch, or lost again; begin
    -2 STALE_EPOCH
    1  loaded
]]
local epoch, rebuild, queue, queueDeadlines, entries, queuedByUser, slots, slotFences, slotGrants = unpack(KEYS)
local leaderEpoch = tonumber(ARGV[1])
--- @include "isStaleEpoch"
--- @include "parseEntry"
--- @include "queueMember"

if isStaleEpoch(leaderEpoch) then return -2 end
if tonumber(redis.call('GET', rebuild)) ~= leaderEpoch then return -1 end

for i = 2, #ARGV, 5 do
  local run, entry = ARGV[i], ARGV[i + 1]
  if redis.call('HSETNX', entries, run, entry) == 1 then
    if ARGV[i + 2] == '1' then
      -- Lapsed at once: finishRebuild gives all leases their time.
      redis.call('ZADD', slots, 0, run)
      redis.call('HSET', slotFences, run, ARGV[i + 3] - 0.5)
      redis.call('HSET', slotGrants, run, ARGV[i + 4])
    else
      local _, user = parseEntry(entry)
      redis.call('ZADD', queue, ARGV[i + 3], queueMember(run, entry))
      redis.call('ZADD', queueDeadlines, ARGV[i + 4], queueMember(run, entry))
      redis.call('HINCRBY', queuedByUser, user, 1)
    end
  end
end
return 1
