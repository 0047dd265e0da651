--[[
  parseHolder(holder): fence (a number), grant `<granted at, ms>:<grant number>` and entry (see parseEntry) of what `holders` says of a
  run with a slot, `<fence>:<grant>:<entry>`.

  The fence: an attempt may touch the slot if it is greater. It begins as the attempt floor; the attempt that takes the slot sets it
  half a step below itself. So a whole fence means "nobody has taken it", and rounding up shuts out who has.
]]
local function parseHolder(holder)
  local fence, grant, entry = string.match(holder, '^([^:]*):(%d+:%d+):(.*)$')
  return tonumber(fence), grant, entry
end
