-- What the flags of a header say.
local VERSION_MUST_HOLD, EXTENDS, SETS_END, OWNED, DISOWNED, REMOVES_IF_EMPTY, LEAVES_POINTER, SHOWS_THE_WAY =
  1, 2, 4, 8, 16, 32, 64, 128

local function says(flags, flag)
  return bit.band(flags, flag) ~= 0
end

-- A commit: its header (`header.rs` draws the bytes), names and values to set, names to remove.
local function commit(values)
  local header = values[1]
  local flags, now, stamp, sets, at = struct.unpack('<BI6c8I2', header)
  local version, ends, pointer_ends
  if says(flags, VERSION_MUST_HOLD) then version, at = struct.unpack('<I6', header, at) end
  if says(flags, EXTENDS + SETS_END) then ends, at = struct.unpack('<I6', header, at) end
  if says(flags, LEAVES_POINTER) then pointer_ends, at = struct.unpack('<I6', header, at) end
  return {
    values = values, flags = flags, now = now, stamp = stamp, last_set = 1 + 2 * sets, version = version, ends = ends,
    pointer_ends = pointer_ends, owner = header:sub(at)
  }
end

-- Whether no field is left: what begins with an at sign is none.
local function is_empty(key)
  for _, name in ipairs(redis.call('HKEYS', key)) do
    if name:sub(1, 1) ~= '@' then return false end
  end
  return true
end

-- When the session ends after the commit: set, or extended unless it has a lifetime of its own.
local function new_end(key, held, c)
  if says(c.flags, SETS_END) then return c.ends end
  if not says(c.flags, EXTENDS) or c.ends <= held.ends or redis.call('HEXISTS', key, '@l') == 1 then return held.ends end
  return c.ends
end

-- Applies a commit to the session that is there; whether that ended it. The list of its owner is told of another owner, and of an end far off.
local function apply(key, held, c)
  held.stamps = c.stamp .. held.stamps:sub(1, 24)
  -- The first thousand go with the version and the stamps, in one command.
  local first = math.min(c.last_set, MOST_ARGUMENTS + 1)
  each('HDEL', key, c.values, c.last_set + 1, #c.values)
  redis.call('HSET', key, '@version', text(held.version + 1), '@s', held.stamps, unpack(c.values, 2, first))
  each('HSET', key, c.values, first + 1, c.last_set)
  if says(c.flags, REMOVES_IF_EMPTY) and is_empty(key) then
    bury(key, held, c.stamp, c.now)
    return true
  end
  if says(c.flags, OWNED) then redis.call('HSET', key, '@principal', c.owner) end
  if says(c.flags, DISOWNED) then redis.call('HDEL', key, '@principal') end
  local before = held.ends
  held.ends = new_end(key, held, c)
  if held.ends ~= before then set_end(key, held.ends) end
  held.is_told = says(c.flags, OWNED) or is_far(before, held.ends)
  return false
end

-- Leaves under an old key where its session went: shown to every call, or known to a sign-out alone.
local function point(key, to, flags, ends)
  redis.call('DEL', key)
  redis.call('HSET', key, '@moved', to)
  if says(flags, SHOWS_THE_WAY) then redis.call('HSET', key, '@shown', '1') end
  set_end(key, ends)
end
