--[[
  parseEntry(entry): attempt floor (a string of digits) and user of `<seq, 16 digits>:<attempt floor>:<workflow id>:<user id>`.
]]
local function parseEntry(entry)
  return string.match(entry, '^%d+:(%d+):[^:]*:(.*)$')
end
