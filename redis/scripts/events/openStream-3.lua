--[[
  Makes sure that a user has a stream, and says where it stands. Call it for each new socket (after subscribing to the user's channel)
  and now and then while sockets are open.

  Guarantee: the epoch stays as long as the stream lives; a new stream has a new epoch and begins at offset 1, so no client can
  take it for the old one.

  KEYS[1] stream
  KEYS[2] meta
  KEYS[3] seen
  ARGV[1] life, of the stream, ms
  ARGV[2] epochOffer, for a new stream

  Returns
    {epoch, offset of the newest event (0: none yet), offset of the oldest one kept (one beyond the newest: none)}
]]
local stream, meta, seen = unpack(KEYS)
local life, epochOffer = ARGV[1], ARGV[2]

if redis.call('HSETNX', meta, 'epoch', epochOffer) == 1 then
  redis.call('DEL', stream, seen)
  redis.call('HSET', meta, 'offset', 0)
end
for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, life) end

local epoch, offset = unpack(redis.call('HMGET', meta, 'epoch', 'offset'))
local oldest = redis.call('XRANGE', stream, '-', '+', 'COUNT', 1)[1]
return { epoch, tonumber(offset), oldest and tonumber(string.match(oldest[1], '^%d+')) or offset + 1 }
