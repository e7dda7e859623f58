-- Lists a session that was announced, and is stored by now, unless it was called off. KEYS: its owner's. ARGV: its end; the text of its key, and of
-- the one that it had before, or nothing.
local ends = struct.unpack('<I6', ARGV[1])
local key, member, before = KEYS[1], ARGV[2], ARGV[3]
local score = score_of(key, member)
if not score then return MISSING end
if score <= -CALLED_OFF and score > -MOVES then return REFUSED end
list_stored(key, member, score, ends)
if before ~= '' then redis.call('ZREM', key, before) end
return DONE
