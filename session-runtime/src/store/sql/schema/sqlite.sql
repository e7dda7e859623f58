CREATE TABLE IF NOT EXISTS {table} (
  id BLOB NOT NULL PRIMARY KEY,
  state INTEGER NOT NULL,
  version INTEGER NOT NULL,
  created INTEGER NOT NULL,
  expires INTEGER NOT NULL,
  inserted_by INTEGER NOT NULL,
  principal TEXT,
  record BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS {qualified_name_expires_idx} ON {name} (expires);

CREATE INDEX IF NOT EXISTS {qualified_name_principal_idx} ON {name} (principal) WHERE principal IS NOT NULL;
