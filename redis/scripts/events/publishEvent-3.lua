--[[
  Appends an event to a user's stream and sends it to the sockets of the user on every replica.

  Guarantee: offsets have no gaps; who subscribes before reading the history misses nothing; no place (epoch and offset) is ever given
  twice, also when the server has lost some. A dedupe id seen before is swallowed
  (the last SEEN_MAX are remembered), and so is an event that is no news any more: after one whose id it names. Without a stream (the user has had no socket for so long) there is nobody to replay
  to: the event is only sent.

  KEYS[1] stream
  KEYS[2] meta
  KEYS[3] seen
  ARGV[1] channel
  ARGV[2] life, of the stream, ms
  ARGV[3] maxLength, of the stream, approximate
  ARGV[4] dedupeId, or nothing
  ARGV[5] frame, JSON object without epoch and offset
  ARGV[6] server, run id of the process that executes this
  ARGV[7] epochOffer, for a stream of another process
  ARGV[8] notAfter, dedupe ids with a space between them: published before, they make this event stale

  Returns
    -1 sent, not stored
    0  swallowed
    n  its offset
]]
local stream, meta, seen = unpack(KEYS)
local channel, life, maxLength, dedupeId, frame, server, epochOffer, notAfter =
  ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7], ARGV[8]
--- @include "epochOnServer"

-- A worker repeats what Redis left unanswered for up to 3 s after an outage; the busiest user has some hundred events in that time.
local SEEN_MAX = 1000

local epoch = epochOnServer(meta, server, epochOffer)
if not epoch then
  redis.call('PUBLISH', channel, frame)
  return -1
end

if dedupeId ~= '' and redis.call('ZSCORE', seen, dedupeId) then return 0 end
for id in string.gmatch(notAfter, '%S+') do
  if redis.call('ZSCORE', seen, id) then return 0 end
end
local offset = redis.call('HINCRBY', meta, 'offset', 1)
if dedupeId ~= '' then
  redis.call('ZADD', seen, offset, dedupeId)
  redis.call('ZREMRANGEBYRANK', seen, 0, -SEEN_MAX - 1)
  redis.call('PEXPIRE', seen, life)
end

local numbered = string.sub(frame, 1, -2) .. ',"epoch":"' .. epoch .. '","offset":' .. offset .. '}'
redis.call('XADD', stream, 'MAXLEN', '~', maxLength, offset .. '-0', 'frame', numbered)
-- From then on openStream prolongs it, together with the rest.
if offset == 1 then redis.call('PEXPIRE', stream, life) end
redis.call('PUBLISH', channel, numbered)
return offset
