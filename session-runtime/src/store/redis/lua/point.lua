-- The second half of a rename over two slots: ends the session under its old key, if it is still what was copied. KEYS: the old one. ARGV: the
-- time, the version and the end of what was copied, the stamp of the rename, its flags and the pointer's end; the new key, or nothing where the
-- rename leaves no field.
local now, version, ends, stamp, flags, pointer_ends = struct.unpack('<I6I6I6c8BI6', ARGV[1])
local key, to = KEYS[1], ARGV[2]
local held = look(key, now)
if not held then return MISSING end
if held.by then return held.by == stamp and EMPTIED or MISSING end
if held.to then
  if held.to == to then return DONE end
  return held.grace and moved(held.to) or MISSING
end
if held.version ~= version or held.ends ~= ends then return conflict(key) end
if to == '' then
  held.stamps = stamp .. held.stamps:sub(1, 24)
  bury(key, held, stamp, now)
  return EMPTIED
end
point(key, to, flags, pointer_ends)
return DONE
