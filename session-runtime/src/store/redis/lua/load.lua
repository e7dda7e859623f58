-- KEYS: the session's. ARGV: when it would end if it were extended now, by how much that must be later, how long a session lives at most (0: as
-- long as it likes), and the time. Answers the end that it was given, or 0, and what is there.
local latest, threshold, limit, now = struct.unpack('<I6I6I6I6', ARGV[1])
local key = KEYS[1]
local held = call('HMGET', key, '@expires', '@created', '@l', '@version')
local ends, created = whole(held[1]), whole(held[2])
local extended = 0
if ends and created and whole(held[4]) and not held[3] and ends > now then
  local due = limit == 0 and latest or math.min(latest, created + limit)
  if due > ends and latest - ends > threshold then
    extended = due
    set_end(key, due)
  end
end
return {extended, call('HGETALL', key)}
