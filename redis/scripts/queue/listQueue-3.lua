--[[
  A page of the queue in its order. Changes nothing.

  KEYS[1] generation
  KEYS[2] queue
  KEYS[3] entries
  ARGV[1] offset, from 0
  ARGV[2] count, at most 1000

  Returns
    -1 REBUILDING
    {per run: id, workflow id, score (ms)…}
]]
local generation, queue, entries = unpack(KEYS)
local offset, count = ARGV[1], ARGV[2]

if redis.call('EXISTS', generation) == 0 then return -1 end
local placed = redis.call('ZRANGE', queue, offset, offset + count - 1, 'WITHSCORES')
if #placed == 0 then return {} end
local reply, runs = {}, {}
for i = 1, #placed / 2 do runs[i] = string.sub(placed[2 * i - 1], 18) end
for i, entry in ipairs(redis.call('HMGET', entries, unpack(runs))) do
  reply[3 * i - 2], reply[3 * i - 1], reply[3 * i] = runs[i], string.match(entry, '^%d+:%d+:([^:]*)'), placed[2 * i]
end
return reply
