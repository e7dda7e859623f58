-- KEYS: the session's. ARGV: the time, and the end that it is to be extended to.
local now, ends = struct.unpack('<I6I6', ARGV[1])
local key = KEYS[1]
local held = look(key, now)
if not held or held.by then return MISSING end
if held.to then return held.grace and moved(held.to) or MISSING end
if ends <= held.ends or redis.call('HEXISTS', key, '@l') == 1 then return DONE end
set_end(key, ends)
return is_far(held.ends, ends) and owned(key, ends) or DONE
