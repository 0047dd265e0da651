--[[
  batchPositions(members, scores): positions from 1 of members that have just been put into the queue, in the order given.

  Ranks grow along the sorted batch, so if as many ranks lie between two of its members as members do, nobody else stands
  between them and the rest follows by counting: usually two ZRANKs for the whole batch.

  Uses queue
]]
local function batchPositions(members, scores)
  local order, positions, sorted = {}, {}, true
  for i = 1, #members do
    order[i] = i
    if i > 1 and (scores[i] < scores[i - 1] or scores[i] == scores[i - 1] and members[i] < members[i - 1]) then sorted = false end
  end
  if not sorted then
    table.sort(order, function(a, b)
      if scores[a] ~= scores[b] then return scores[a] < scores[b] end
      return members[a] < members[b]
    end)
  end

  local function locate(at) positions[order[at]] = redis.call('ZRANK', queue, members[order[at]]) + 1 end
  local function fill(low, high)
    local first = positions[order[low]]
    if positions[order[high]] - first == high - low then
      for at = low + 1, high - 1 do positions[order[at]] = first + at - low end
    elseif high - low > 1 then
      local middle = math.floor((low + high) / 2)
      locate(middle)
      fill(low, middle)
      fill(middle, high)
    end
  end
  locate(1)
  if #members > 1 then
    locate(#members)
    fill(1, #members)
  end
  return positions
end
