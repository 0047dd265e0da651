--[[
  Makes sure that a user has a stream, and says where it stands. Call it for each new socket (after subscribing to the user's channel)
  and now and then while sockets are open.

  Guarantee: the epoch stays as long as the stream lives on one server process; a new stream has a new epoch and begins at offset 1, a
  stream that may have lost its end has a new epoch, so no client can take it for the old one.

  KEYS[1] stream
  KEYS[2] meta
  KEYS[3] seen
  ARGV[1] life, of the stream, ms
  ARGV[2] server, run id of the process that executes this
  ARGV[3] epochOffer, for a new stream, or one of another process

  Returns
    {epoch, offset of the newest event (0: none yet), offset of the oldest one kept (one beyond the newest: none), offset of the
    newest event when the epoch began: events up to there, if any, are of the epoch before}
]]
local stream, meta, seen = unpack(KEYS)
local life, server, epochOffer = ARGV[1], ARGV[2], ARGV[3]
--- @include "epochOnServer"

local epoch = epochOnServer(meta, server, epochOffer)
if not epoch then
  epoch = epochOffer
  redis.call('DEL', stream, seen)
  redis.call('HSET', meta, 'epoch', epoch, 'server', server, 'offset', 0, 'since', 0)
end
for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, life) end

local offset, since = unpack(redis.call('HMGET', meta, 'offset', 'since'))
local oldest = redis.call('XRANGE', stream, '-', '+', 'COUNT', 1)[1]
return { epoch, tonumber(offset), oldest and tonumber(string.match(oldest[1], '^%d+')) or offset + 1, tonumber(since) }
