-- KEYS: a principal's. ARGV: the texts of keys that are no sessions of this principal any more.
each('ZREM', KEYS[1], ARGV, 1, #ARGV)
return DONE
