--[[
  readyLine(run, floor, grant): what a worker finds in the ready list, `<run id>:<attempt floor>:<granted at, ms>:<grant number>`.
]]
local function readyLine(run, floor, grant)
  return run .. ':' .. floor .. ':' .. grant
end
