--[[
  Ends the waits that are over, then gives free slots to those who are first; and lets releaseSlots do the same for some time to come.

  Guarantee: a run either expires or starts, never both, since one script decides; slots never exceed the limit, whoever leads;
  order is that of the queue. At elevated and above a token bucket paces the starts (bursts of BURST ms' worth).

  KEYS[1] generation
  KEYS[2] epoch
  KEYS[3] limits
  KEYS[4] level
  KEYS[5] queue
  KEYS[6] queueDeadlines
  KEYS[7] entries
  KEYS[8] queuedByUser
  KEYS[9] slots
  KEYS[10] holders
  KEYS[11] ready
  KEYS[12] grantCounter
  KEYS[13] drain
  KEYS[14] permit
  ARGV[1] leaderEpoch
  ARGV[2] lease, of a granted slot, ms
  ARGV[3] batch, runs to expire and to start at most, 1 to 1000
  ARGV[4] permitLife, how long releaseSlots may start runs from now on, ms

  Returns
    -1 REBUILDING
    -2 STALE_EPOCH
    {queue length, free slots, ms until another call can do more (-1: only an event can make it), number granted,
     per granted run: id, user…, per expired run: id, user…}
]]
local generation, epoch, limits, level, queue, queueDeadlines, entries, queuedByUser,
  slots, holders, ready, grantCounter, drain, permit = unpack(KEYS)
local leaderEpoch, lease, batch, permitLife = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
--- @include "serverTime"
--- @include "isStaleEpoch"
--- @include "startFirst"

local BURST = 200

if redis.call('EXISTS', generation) == 0 then return -1 end
if isStaleEpoch(leaderEpoch) then return -2 end

local now = serverTime()
redis.call('SET', permit, string.format('%.0f:%.0f', leaderEpoch, now + permitLife))
local expired, _, expiredOwners = leaveQueue(redis.call('ZRANGEBYSCORE', queueDeadlines, '-inf', now, 'LIMIT', 0, batch))

local maxWorkflows, drainPerSecond = unpack(redis.call('HMGET', limits, 'max_workflows', 'drain_per_second'))
local waiting = redis.call('ZCARD', queue)
local free = math.max(0, maxWorkflows - redis.call('ZCARD', slots))
-- With a full batch of expired runs, one that is overdue as well may be first in the queue: the next call decides.
local startable = #expired == batch and 0 or math.min(waiting, free, batch)

-- Thousandths of a token, of which `drainPerSecond` accrue each ms: whole numbers, so nothing is lost to rounding.
local paced, tokens = (tonumber(redis.call('HGET', level, 'rank')) or 0) > 0, 0
if paced then
  drainPerSecond = tonumber(drainPerSecond)
  local capacity = math.max(1000, drainPerSecond * BURST)
  local stored, at = unpack(redis.call('HMGET', drain, 'tokens', 'at'))
  -- Should the clock have been set back, nothing accrues, and nothing is taken away.
  tokens = math.min(capacity, (tonumber(stored) or capacity) + math.max(0, now - (tonumber(at) or now)) * drainPerSecond)
  startable = math.min(startable, math.floor(tokens / 1000))
  tokens = tokens - startable * 1000
  redis.call('HSET', drain, 'tokens', tokens, 'at', now)
end

local granted, owners = startFirst(startable, lease, now)
waiting, free = waiting - #granted, free - #granted

local nextIn = -1
if waiting > 0 then
  nextIn = math.max(0, redis.call('ZRANGE', queueDeadlines, 0, 0, 'WITHSCORES')[2] - now)
  if free > 0 then
    local more = paced and math.ceil(math.max(0, 1000 - tokens) / drainPerSecond) or 0
    nextIn = math.min(nextIn, more)
  end
end

local reply = { waiting, free, nextIn, #granted }
for i, run in ipairs(granted) do reply[#reply + 1], reply[#reply + 2] = run, owners[i] end
for i, run in ipairs(expired) do reply[#reply + 1], reply[#reply + 2] = run, expiredOwners[i] end
return reply
