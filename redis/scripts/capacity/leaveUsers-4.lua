--[[
  Ends the leases of users whose last socket on a replica has closed.

  Guarantee: a user with a lease of another replica goes on counting.

  KEYS[1] limits
  KEYS[2] level
  KEYS[3] userLeases
  KEYS[4] users
  ARGV[1] announce, channel
  ARGV[2] replica
  ARGV[3…] user ids

  Returns
    {rank, sequence, since (ms), active users, max users}
]]
local limits, level, userLeases, users = unpack(KEYS)
local announce, replica = ARGV[1], ARGV[2]
--- @include "serverTime"
--- @include "sweepUsers"
--- @include "evaluateLevel"

local now = serverTime()
sweepUsers(now)
for i = 3, #ARGV do dropLease(replica .. '|' .. ARGV[i]) end
return evaluateLevel(now, announce)
