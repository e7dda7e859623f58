-- A commit: its header (`header.rs` draws the bytes), names and values to set, names to remove.
local function commit(values)
  local header = values[1]
  local flags, now, stamp, sets, at = struct.unpack('<BI6c8I2', header)
  local version, ends, pointer_ends
  if bit.band(flags, 1) ~= 0 then version, at = struct.unpack('<I6', header, at) end
  if bit.band(flags, 6) ~= 0 then ends, at = struct.unpack('<I6', header, at) end
  if bit.band(flags, 64) ~= 0 then pointer_ends, at = struct.unpack('<I6', header, at) end
  return {
    values = values, flags = flags, now = now, stamp = stamp, last_set = 1 + 2 * sets, version = version, ends = ends,
    pointer_ends = pointer_ends, owner = header:sub(at)
  }
end

local function is_empty(key)
  for _, name in ipairs(redis.call('HKEYS', key)) do
    if name:byte() ~= 64 then return false end
  end
  return true
end

-- When the session ends after the commit: set, or extended unless it has a lifetime of its own.
local function new_end(key, held, c)
  if bit.band(c.flags, 4) ~= 0 then return c.ends end
  if bit.band(c.flags, 2) == 0 or c.ends <= held.ends or redis.call('HEXISTS', key, '@l') == 1 then return held.ends end
  return c.ends
end

-- Applies a commit to the session that is there; whether that ended it.
local function apply(key, held, c)
  held.stamps = c.stamp .. held.stamps:sub(1, 24)
  local first = math.min(c.last_set, 1001)
  each('HDEL', key, c.values, c.last_set + 1, #c.values)
  redis.call('HSET', key, '@version', text(held.version + 1), '@s', held.stamps, unpack(c.values, 2, first))
  each('HSET', key, c.values, first + 1, c.last_set)
  if bit.band(c.flags, 32) ~= 0 and is_empty(key) then
    bury(key, held, c.stamp, c.now)
    return true
  end
  if bit.band(c.flags, 8) ~= 0 then redis.call('HSET', key, '@principal', c.owner) end
  if bit.band(c.flags, 16) ~= 0 then redis.call('HDEL', key, '@principal') end
  local ends = new_end(key, held, c)
  if ends ~= held.ends then set_end(key, ends) end
  return false
end

-- Leaves under an old key where its session went: shown to every call, or known to a sign-out alone.
local function point(key, to, flags, ends)
  redis.call('DEL', key)
  redis.call('HSET', key, '@moved', to)
  if bit.band(flags, 128) ~= 0 then redis.call('HSET', key, '@shown', '1') end
  set_end(key, ends)
end
