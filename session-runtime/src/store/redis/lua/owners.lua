-- The sessions of a principal: a sorted set of the texts of their keys. The score of one that was stored is a moment by which it is surely over;
-- of one that was announced, and may never be stored, it is the moment of that with a minus sign: 2^48 less where it was called off since, and twice
-- that where it cannot be, being the new key of a session that is listed under another.
local CALLED_OFF = 281474976710656
local MOVES = 2 * CALLED_OFF

-- Sessions are extended again and again. The set hears of it once in such a span of 30 days, and is always one ahead.
local SPAN = 2592000000

local function is_far(before, ends)
  return math.floor(before / SPAN) ~= math.floor(ends / SPAN)
end

local function horizon(ends)
  return (math.floor(ends / SPAN) + 2) * SPAN
end

-- Whether nobody can be about to store it any more.
local ANNOUNCED_FOR = 60000

local function is_settled(score, now)
  return score >= 0 or now - (-score) % CALLED_OFF > ANNOUNCED_FOR
end

local function score_of(key, member)
  local score = redis.call('ZSCORE', key, member)
  return score and tonumber(score)
end

-- Adds a session, or another score of it. The set lives as long as the last of them: `GT` changes nothing where there is no end, `NX` where there is.
local function list(key, member, score, ends)
  local last = text(horizon(ends))
  redis.call('PEXPIREAT', key, last, 'GT')
  redis.call('ZADD', key, text(score), member)
  redis.call('PEXPIREAT', key, last, 'NX')
end

-- Lists a session that is stored, of this score so far.
local function list_stored(key, member, score, ends)
  list(key, member, math.max(score, horizon(ends)), ends)
end

-- The answer of a call after which the list of the session's owner, if it has one, has to be told its end.
local function owned(key, ends)
  local owner = redis.call('HGET', key, '@principal')
  return owner and {6, owner, text(ends)} or DONE
end
