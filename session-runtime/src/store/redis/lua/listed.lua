-- KEYS: a principal's. ARGV: the time. Answers the texts of keys, each with whether nothing can be about to be stored there:
-- those that were stored, then those that were announced, the first of them first.
local now = struct.unpack('<I6', ARGV[1])
local listed = redis.call('ZRANGE', KEYS[1], 0, -1, 'REV', 'WITHSCORES')
for at = 2, #listed, 2 do listed[at] = is_settled(tonumber(listed[at]), now) and 1 or 0 end
return listed
