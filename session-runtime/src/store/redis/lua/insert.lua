-- KEYS: the session's. ARGV: the time, its end and its stamps; its names and values.
local now, ends, rest = struct.unpack('<I6I6', ARGV[1])
local stamps = ARGV[1]:sub(rest)
local key = KEYS[1]
local held = look(key, now)
if held then
  for at = 1, #stamps, 8 do
    if holds(held.stamps, stamps:sub(at, at + 7)) then return is_session(held) and DONE or TAKEN end
  end
  if not held.by then return TAKEN end
end
put(key, ARGV, ends)
return DONE
