-- KEYS: the session's. ARGV: when it would end if it were extended now, by how much that must be later, how long a session lives at most (0: as
-- long as it likes), and the time. Answers what is there, and `@rolled` where it was extended.
local latest, threshold, limit, now = struct.unpack('<I6I6I6I6', ARGV[1])
local key, rolled = KEYS[1], false
local held = redis.call('HMGET', key, '@expires', '@created', '@l', '@version')
local ends, created = whole(held[1]), whole(held[2])
if ends and created and whole(held[4]) and not held[3] and ends > now then
  local due = limit == 0 and latest or math.min(latest, created + limit)
  rolled = due > ends and latest - ends > threshold
  if rolled then set_end(key, due) end
end
if not rolled then return packed(key) end
local entries = redis.call('HGETALL', key)
entries[#entries + 1] = '@rolled'
entries[#entries + 1] = ''
return cmsgpack.pack(entries)
