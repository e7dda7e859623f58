-- KEYS: the session's. Answers what is there.
return packed(KEYS[1])
