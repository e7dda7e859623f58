-- Lists a session whose end was moved far. KEYS: its owner's. ARGV: its end; the text of its key.
local ends = struct.unpack('<I6', ARGV[1])
local key, member = KEYS[1], ARGV[2]
local score = score_of(key, member) or 0
if score > -CALLED_OFF or score <= -MOVES then list_stored(key, member, score, ends) end
return DONE
