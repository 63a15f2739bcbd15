-- When somebody's address was shown to be theirs.
ALTER TABLE users ADD COLUMN email_confirmed_at INTEGER;
-- Letters that wait to be carried to a mail server.
CREATE TABLE mails (
  id BLOB PRIMARY KEY,
  user_id BLOB NOT NULL,
  recipient TEXT NOT NULL,
  about TEXT NOT NULL, -- JSON
  created_at INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  tries INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX mails_due ON mails (due_at);
