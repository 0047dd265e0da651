--[[
  queueMember(run, entry): the run's member in the queue, `<seq, 16 digits>:<run id>`; the padded seq makes ties of the score fall in
  the order of acceptance.
]]
local function queueMember(run, entry)
  return string.sub(entry, 1, 17) .. run
end
