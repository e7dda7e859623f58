-- KEYS: the old one and the new one, of one slot. ARGV: a commit.
local c, old, new = commit(ARGV), KEYS[1], KEYS[2]
local held = look(old, c.now)
if not held then return MISSING end
if held.by then return held.by == c.stamp and EMPTIED or MISSING end
if held.to then
  if new:sub(-43) == held.to then
    local there = look(new, c.now)
    return is_session(there) and owned(new, there.ends) or MISSING
  end
  return held.grace and moved(held.to) or MISSING
end
-- The commit was an update: the session was never under the new key.
if holds(held.stamps, c.stamp) then return MISSING end
if c.version and c.version ~= held.version then return conflict(old) end
if look(new, c.now) then return TAKEN end
if apply(old, held, c) then return EMPTIED end
-- It is gone already where the commit gave it an end that has come by the time of Redis.
if redis.call('EXISTS', old) == 1 then redis.call('RENAME', old, new) end
point(old, new:sub(-43), c.flags, c.pointer_ends)
return owned(new, held.ends)
