-- Lists a session that is to be stored, unless it is listed. KEYS: its owner's. ARGV: the time, the end that it is to have, and 1 where it is this
-- owner's already, under another key; the text of its key.
-- Answers how many are listed.
local now, ends, moves = struct.unpack('<I6I6B', ARGV[1])
local key, member = KEYS[1], ARGV[2]
redis.call('ZREMRANGEBYSCORE', key, 0, text(now))
local score = score_of(key, member)
if not score or score < 0 and is_settled(score, now) then list(key, member, -now - moves * MOVES, ends) end
return redis.call('ZCARD', key)
