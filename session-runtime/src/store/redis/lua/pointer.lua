-- Leaves under an old key where its session went: shown to every call, or known to a sign-out alone.
local function point(key, to, flags, ends)
  call('DEL', key)
  call('HSET', key, '@moved', to)
  if band(flags, 128) ~= 0 then call('HSET', key, '@shown', '1') end
  set_end(key, ends)
end
