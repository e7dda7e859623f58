-- What all calls begin with. Under a key is a session, or what a rename (`@moved`) or an end (`@ended`) left there; all are hashes that say when
-- they end (`@expires`), and all of them are looked at by the time that the caller tells.

-- A number as it is written there, and nothing else that Lua takes for one.
local function whole(text)
  return text and text:match('^%d+$') and tonumber(text)
end

local function look(key, now)
  local held = redis.call('HMGET', key, '@expires', '@version', '@s', '@moved', '@shown', '@ended')
  local ends = whole(held[1])
  if not ends then
    if redis.call('EXISTS', key) == 1 then error('not a session') end
    return nil
  end
  if ends <= now then return nil end
  local version = whole(held[2])
  if not (version or held[4] or held[6]) then error('not a session') end
  return {ends = ends, version = version, stamps = held[3] or '', to = held[4], grace = held[5], by = held[6]}
end

local function is_session(held)
  return held and held.version and not held.to and not held.by
end

local function text(number)
  return string.format('%.0f', number)
end

local function holds(stamps, stamp)
  local at = stamps:find(stamp, 1, true)
  while at and at % 8 ~= 1 do at = stamps:find(stamp, at + 1, true) end
  return at ~= nil
end

-- Writes names and values, or removes names: Lua passes some thousand arguments at most.
local MOST_ARGUMENTS = 1000

local function each(command, key, values, first, last)
  for at = first, last, MOST_ARGUMENTS do
    redis.call(command, key, unpack(values, at, math.min(at + MOST_ARGUMENTS - 1, last)))
  end
end

-- A script that has written once may go on where memory is full, a function says `allow-oom`: a session that is there is extended, and ended, all
-- the same. An end that has come is the end.
local function set_end(key, ends)
  redis.call('PEXPIREAT', key, text(ends))
  if redis.call('EXISTS', key) == 1 then redis.call('HSET', key, '@expires', text(ends)) end
end

-- Ends a session. For a minute its key says who did it, so that the same call, repeated, answers the same, and which commits made the session,
-- so that none of them, come late, makes it again.
local MARK_LIFE = 60000

local function bury(key, held, by, now)
  redis.call('DEL', key)
  redis.call('HSET', key, '@ended', by, '@s', held.stamps)
  set_end(key, now + MARK_LIFE)
end

-- Puts a hash in the place of whatever has ended there, if memory allows: deleting would be writing once.
local function put(key, values, ends)
  if redis.call('EXISTS', key) == 1 then redis.call('DEL', key) end
  each('HSET', key, values, 2, #values)
  redis.call('PEXPIREAT', key, text(ends))
end

-- A hash as one string, which is read with less effort than its many.
local function packed(key)
  return cmsgpack.pack(redis.call('HGETALL', key))
end

-- The answers.
local MISSING, DONE, EMPTIED, TAKEN, REFUSED = 0, 1, 2, 3, 8
local function moved(to) return {4, to} end
local function conflict(key) return {5, packed(key)} end
local function ended(owner) return owner and {7, owner} or DONE end
