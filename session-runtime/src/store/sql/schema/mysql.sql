CREATE TABLE IF NOT EXISTS {table} (
  id BINARY(32) NOT NULL PRIMARY KEY,
  state SMALLINT NOT NULL,
  version BIGINT NOT NULL,
  created BIGINT NOT NULL,
  expires BIGINT NOT NULL,
  inserted_by BIGINT NOT NULL,
  principal MEDIUMBLOB,
  record LONGBLOB NOT NULL,
  INDEX {name_expires_idx} (expires),
  INDEX {name_principal_idx} (principal(64))
) ENGINE = InnoDB;
