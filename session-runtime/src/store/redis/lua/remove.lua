-- KEYS: the session's. ARGV: the time, and what tells this call from every other.
local now, by = struct.unpack('<I6c8', ARGV[1])
local key = KEYS[1]
local held = look(key, now)
if not held then return MISSING end
if held.by then return held.by == by and DONE or MISSING end
if held.to then return moved(held.to) end
local owner = redis.call('HGET', key, '@principal')
bury(key, held, by, now)
return ended(owner)
