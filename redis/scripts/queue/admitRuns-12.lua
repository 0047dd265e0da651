--[[
  Admits runs that Postgres has just stored, in the order given: each starts, waits or is refused.

  Guarantee: a run starts past the queue only at level normal, with nobody waiting and a slot free. A repeat changes nothing. An
  admission with a greater attempt floor (the run was retried) ends the earlier life of the run, whose workers are shut out.
  Cost: a constant number of commands for the batch, per queued run little more than its share of them; flat in the queue's length
  but for O(log n) of the ordered sets.

  KEYS[1] generation
  KEYS[2] limits
  KEYS[3] level
  KEYS[4] queue
  KEYS[5] queueDeadlines
  KEYS[6] entries
  KEYS[7] queuedByUser
  KEYS[8] slots
  KEYS[9] holders
  KEYS[10] ready
  KEYS[11] grantCounter
  KEYS[12] cancels
  ARGV[1] wake, channel
  ARGV[2] lease, of a granted slot, ms
  ARGV[3] flags, one digit a run, the sum of: 1 = promised (its owner has been told yes, so no bound refuses it), 2 = its times
    are given (else they are those of the run before it)
  ARGV[4…] per run (at most 1000): score (ms) and expires at (ms; 0: now + queue timeout) if its times are given; id, entry (see parseEntry)

  Returns
    -1 REBUILDING
    {rank, queue length, per run…}, where a run is
      0                          started, or known and started
      1, position, expires at    queued
      2, position, expires at    known and queued
      3                          refused: the user waits for too many runs
      4                          refused: the queue is full
]]
local generation, limits, level, queue, queueDeadlines, entries, queuedByUser,
  slots, holders, ready, grantCounter, cancels = unpack(KEYS)
local wake, lease, flags = ARGV[1], tonumber(ARGV[2]), ARGV[3]
--- @include "serverTime"
--- @include "queueMember"
--- @include "leaveQueue"
--- @include "grantSlots"
--- @include "freeSlots"
--- @include "batchPositions"

if redis.call('EXISTS', generation) == 0 then return -1 end

local ids, given, promised, scoreOf, expiryOf = {}, {}, {}, {}, {}
local count, at, score, expiry = 0, 4, nil, nil
while at <= #ARGV do
  count = count + 1
  local flag = string.byte(flags, count) - string.byte('0')
  if flag >= 2 then
    score, expiry = tonumber(ARGV[at]), ARGV[at + 1]
    at, flag = at + 2, flag - 2
  end
  ids[count], given[count], promised[count] = ARGV[at], ARGV[at + 1], flag == 1
  scoreOf[count], expiryOf[count] = score, expiry
  at = at + 2
end
local function floorOf(i) return tonumber((parseEntry(given[i]))) end

-- Should the batch name a run twice, the latest retry counts.
local latest = {}
for i, id in ipairs(ids) do
  if not latest[id] or floorOf(i) > floorOf(latest[id]) then latest[id] = i end
end

-- Entry by which a run is known here, of this life; an earlier life ends.
local waitingAs, holdingAs = redis.call('HMGET', entries, unpack(ids)), redis.call('HMGET', holders, unpack(ids))
local known = {}
for i = 1, count do
  local id = ids[i]
  if (waitingAs[i] or holdingAs[i]) and latest[id] == i then
    known[id] = waitingAs[i] or select(3, parseHolder(holdingAs[i]))
    if floorOf(i) > tonumber((parseEntry(known[id]))) then
      if holdingAs[i] then freeSlots({ id }) else leaveQueue({ queueMember(id, known[id]) }) end
      known[id] = nil
    end
  end
end

local now = serverTime()
local maxWorkflows, queueMax, userMax, timeout =
  unpack(redis.call('HMGET', limits, 'max_workflows', 'queue_max', 'queue_max_per_user', 'queue_timeout_seconds'))
queueMax, userMax = tonumber(queueMax), tonumber(userMax)
local defaultExpiry = string.format('%.0f', now + timeout * 1000)
local rank = tonumber(redis.call('HGET', level, 'rank') or 0)
local waitingBefore = redis.call('ZCARD', queue)
local waiting = waitingBefore
local free = maxWorkflows - redis.call('ZCARD', slots)
local startable = rank == 0 and waiting == 0 and free or 0

local codes, started, floors, startedEntries = {}, {}, {}, {}
local owned, scores, members, deadlines, newEntries = {}, {}, {}, {}, {}

for i = 1, count do
  local id = ids[i]
  if known[id] then
    codes[i] = 2
  else
    local last = latest[id]
    local entry = given[last]
    local floor, user = parseEntry(entry)
    if startable > 0 then
      startable = startable - 1
      local place = #started + 1
      started[place], floors[place], startedEntries[place] = id, floor, entry
      codes[i], known[id] = 0, entry
    else
      local bounded = not promised[last]
      local mine = owned[user] or tonumber(redis.call('HGET', queuedByUser, user) or 0)
      if bounded and mine >= userMax then
        codes[i] = 3
      elseif bounded and waiting >= queueMax then
        codes[i] = 4
      else
        waiting, owned[user] = waiting + 1, mine + 1
        local place, deadline = #members + 1, expiryOf[last]
        members[place] = queueMember(id, entry)
        scores[place] = scoreOf[last]
        deadlines[place] = deadline == '0' and defaultExpiry or deadline
        newEntries[2 * place - 1], newEntries[2 * place] = id, entry
        codes[i], known[id] = 1, entry
      end
    end
  end
end

grantSlots(started, floors, startedEntries, now + lease, now)
local positions = {}
if #members > 0 then
  local places, expiries, counts = {}, {}, {}
  for i, member in ipairs(members) do
    places[2 * i - 1], places[2 * i] = scores[i], member
    expiries[2 * i - 1], expiries[2 * i] = deadlines[i], member
  end
  for user, mine in pairs(owned) do counts[#counts + 1], counts[#counts + 2] = user, mine end
  redis.call('HSET', entries, unpack(newEntries))
  redis.call('ZADD', queue, unpack(places))
  redis.call('ZADD', queueDeadlines, unpack(expiries))
  redis.call('HSET', queuedByUser, unpack(counts))
  positions = batchPositions(members, scores)
end
-- A free slot although somebody waits is the leader's to give (a retry that is refused may just have left one); if nobody has waited,
-- the leader may not even be watching for deadlines.
if waiting > 0 and (free > #started or waitingBefore == 0) then redis.call('PUBLISH', wake, 'queued') end

local reply, place = { rank, waiting }, 0
for i = 1, count do
  local code, last = codes[i], #reply
  if code == 1 then
    place = place + 1
    reply[last + 1], reply[last + 2], reply[last + 3] = 1, positions[place], tonumber(deadlines[place])
  elseif code == 2 and redis.call('HEXISTS', entries, ids[i]) == 1 then
    local member = queueMember(ids[i], known[ids[i]])
    reply[last + 1], reply[last + 2] = 2, redis.call('ZRANK', queue, member) + 1
    reply[last + 3] = tonumber(redis.call('ZSCORE', queueDeadlines, member))
  else
    reply[last + 1] = code == 2 and 0 or code
  end
end
return reply
