-- The sessions of a principal, all of which are on this server; what is over is listed no longer. KEYS: the principal's. ARGV: the time; the
-- principal, and the prefix of sessions. Answers the texts of keys, each with what is there.
local now = struct.unpack('<I6', ARGV[1])
local key, principal, prefix = KEYS[1], ARGV[2], ARGV[3]

-- Where a session of the principal is that was listed under a key. Few have moved more than once in the lifetime of a pointer, and who goes round in
-- a circle is none.
local MOST_MOVES = 16

local function find(place)
  for _ = 0, MOST_MOVES do
    local held = redis.call('HMGET', prefix .. place, '@expires', '@version', '@principal', '@moved')
    local ends = whole(held[1])
    if not ends or ends <= now then return nil end
    if whole(held[2]) then return held[3] == principal and place or nil end
    if not held[4] then return nil end
    place = held[4]
  end
end

local listed = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')
local found, known, over = {}, {}, {}
for at = 1, #listed, 2 do
  local place = find(listed[at])
  if place and not known[place] then
    known[place] = true
    found[#found + 1] = place
    found[#found + 1] = packed(prefix .. place)
  elseif not place and is_settled(tonumber(listed[at + 1]), now) then
    over[#over + 1] = listed[at]
  end
end
each('ZREM', key, over, 1, #over)
return found
