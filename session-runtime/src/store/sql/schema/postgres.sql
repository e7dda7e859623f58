-- With room left in its page, a new version of a row needs no new entry in an index.
CREATE TABLE IF NOT EXISTS {table} (
  id BYTEA NOT NULL PRIMARY KEY,
  state SMALLINT NOT NULL,
  version BIGINT NOT NULL,
  created BIGINT NOT NULL,
  expires BIGINT NOT NULL,
  inserted_by BIGINT NOT NULL,
  principal TEXT,
  record BYTEA NOT NULL
) WITH (fillfactor = 80);

CREATE INDEX IF NOT EXISTS {name_expires_idx} ON {table} (expires);

-- By a hash, the name of an owner may be of any length.
CREATE INDEX IF NOT EXISTS {name_principal_idx} ON {table} USING hash (principal);
