CREATE TABLE IF NOT EXISTS {table} (
  id BINARY(32) NOT NULL PRIMARY KEY,
  state SMALLINT NOT NULL,
  version BIGINT NOT NULL,
  created BIGINT NOT NULL,
  expires BIGINT NOT NULL,
  inserted_by BIGINT NOT NULL,
  principal BLOB,
  record LONGBLOB NOT NULL,
  INDEX {name_expires} (expires),
  INDEX {name_principal} (principal(64))
) ENGINE = InnoDB;
