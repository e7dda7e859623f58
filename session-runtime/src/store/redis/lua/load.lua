-- KEYS: the session's. ARGV: when it would end if it were extended now, by how much that must be later, how long a session lives at most (0: as
-- long as it likes), and the time. Answers what is there, and `@rolled` where it was extended: `far`, where the list of its owner has to be told.
local latest, threshold, limit, now = struct.unpack('<I6I6I6I6', ARGV[1])
local key, rolled = KEYS[1], nil
local held = redis.call('HMGET', key, '@expires', '@created', '@l', '@version', '@a', '@o')
local ends, created = whole(held[1]), whole(held[2])
if ends and created and whole(held[4]) and not held[3] and ends > now then
  local due = limit == 0 and latest or math.min(latest, (whole(held[5]) or whole(held[6]) or created) + limit)
  if due > ends and latest - ends > threshold then
    set_end(key, due)
    rolled = is_far(ends, due) and 'far' or ''
  end
end
if not rolled then return packed(key) end
local entries = redis.call('HGETALL', key)
entries[#entries + 1] = '@rolled'
entries[#entries + 1] = rolled
return cmsgpack.pack(entries)
