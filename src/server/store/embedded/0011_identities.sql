-- Accounts elsewhere that open one here: who `subject` is to `issuer` (OpenID Connect). One of an issuer for an account.
CREATE TABLE identities (
  issuer TEXT NOT NULL,
  subject TEXT NOT NULL,
  user_id BLOB NOT NULL,
  email TEXT, -- as it was last told there
  created_at INTEGER NOT NULL,
  last_used_at INTEGER NOT NULL,
  PRIMARY KEY (issuer, subject)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX identities_user ON identities (user_id, issuer);
