-- 1: the assistant does not read it; NULL: it does.
ALTER TABLE messages ADD COLUMN hidden_from_assistant INTEGER;
-- What a model was shown for an answer, JSON; NULL: it is none.
ALTER TABLE messages ADD COLUMN seen TEXT;
-- What the assistant keeps of a room, JSON.
CREATE TABLE memories (
  room_id BLOB PRIMARY KEY,
  revision INTEGER NOT NULL,
  content TEXT NOT NULL
) STRICT, WITHOUT ROWID;
-- What answers of a model took: by day (days since 1970, UTC) and account, a person's, a room's or everybody's.
CREATE TABLE usage (
  day INTEGER NOT NULL,
  account TEXT NOT NULL,
  runs INTEGER NOT NULL,
  tokens INTEGER NOT NULL, -- with what is reserved
  read INTEGER NOT NULL,
  written INTEGER NOT NULL,
  PRIMARY KEY (day, account)
) STRICT, WITHOUT ROWID;
