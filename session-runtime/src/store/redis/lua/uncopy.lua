-- Takes back the copy of a rename that came to nothing. KEYS: the new one. ARGV: the time, and the stamp of the rename. A copy that comes again, and
-- late, is under an id that nobody was told.
local now, stamp = struct.unpack('<I6c8', ARGV[1])
local held = look(KEYS[1], now)
if not is_session(held) or not holds(held.stamps, stamp) then return MISSING end
redis.call('DEL', KEYS[1])
return DONE
