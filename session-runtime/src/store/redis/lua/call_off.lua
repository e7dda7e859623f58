-- KEYS: a principal's. Who has announced a session is told so when it is stored; it is still listed, since nobody may be left to be told.
local key = KEYS[1]
local announced = redis.call('ZRANGE', key, '(' .. text(-CALLED_OFF), '(0', 'BYSCORE', 'WITHSCORES')
for at = 1, #announced, 2 do
  redis.call('ZADD', key, text(tonumber(announced[at + 1]) - CALLED_OFF), announced[at])
end
return DONE
