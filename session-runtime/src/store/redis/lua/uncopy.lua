-- Takes back the copy of a rename that came to nothing, or is to be tried again on something newer. KEYS: the new one. ARGV: the time, the copy's
-- version, and the stamp of the rename: a call that comes late finds a higher version, and leaves what is there alone. A copy that comes late is
-- under an id that nobody was told.
local now, version, stamp = struct.unpack('<I6I6c8', ARGV[1])
local held = look(KEYS[1], now)
if not is_session(held) or held.version > version or not holds(held.stamps, stamp) then return MISSING end
redis.call('DEL', KEYS[1])
return DONE
