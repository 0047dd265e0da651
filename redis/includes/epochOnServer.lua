--[[
  epochOnServer(meta, server, offer): the epoch of a stream (nothing: there is no stream). If another server process gave the last
  number, the stream goes on under `offer`, and `since` tells from where: after a restart or a failover the end of what was written may
  be gone, and its numbers are given again; under the same epoch a client would take new events for ones it has.
]]
local function epochOnServer(meta, server, offer)
  local present, last, newest = unpack(redis.call('HMGET', meta, 'epoch', 'server', 'offset'))
  if not present or last == server then return present end
  redis.call('HSET', meta, 'epoch', offer, 'server', server, 'since', newest)
  return offer
end
