-- The first half of a rename over two slots. KEYS: the new one. ARGV: the time, the copy's end and version, and the stamp of the rename; the
-- copy's names and values. A copy that the same rename made earlier makes way for one of a newer session; nothing else does.
local now, ends, version, stamp = struct.unpack('<I6I6I6c8', ARGV[1])
local key = KEYS[1]
local held = look(key, now)
if held then
  if not holds(held.stamps, stamp) then return TAKEN end
  if held.by then return MISSING end
  if version < held.version or (version == held.version and ends <= held.ends) then return DONE end
end
put(key, ARGV, ends)
return DONE
