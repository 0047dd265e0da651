--[[
  parseAway(text, now): the replicas that say a user is away, each with the end (ms) of what it says, out of `<replica>=<end> …`;
  those that have lapsed are left out.
]]
local function parseAway(text, now)
  local marks = {}
  for replica, endsAt in string.gmatch(text or '', '(%S+)=(%d+)') do
    if tonumber(endsAt) > now then marks[replica] = endsAt end
  end
  return marks
end
