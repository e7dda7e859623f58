-- KEYS: the session's. ARGV: a commit.
local c, key = commit(ARGV), KEYS[1]
local held = look(key, c.now)
if not held then return MISSING end
if held.by then return held.by == c.stamp and EMPTIED or MISSING end
if held.to then return held.grace and moved(held.to) or MISSING end
if holds(held.stamps, c.stamp) then return owned(key, held.ends) end
if c.version and c.version ~= held.version then return conflict(key) end
if apply(key, held, c) then return EMPTIED end
return held.is_told and owned(key, held.ends) or DONE
