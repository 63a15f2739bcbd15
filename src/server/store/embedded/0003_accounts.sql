ALTER TABLE users ADD COLUMN status TEXT;
ALTER TABLE users ADD COLUMN about TEXT;
ALTER TABLE users ADD COLUMN is_admin INTEGER NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN is_bot INTEGER NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;
ALTER TABLE users ADD COLUMN banned_at INTEGER;
ALTER TABLE users ADD COLUMN muted_until INTEGER;
ALTER TABLE users ADD COLUMN warning TEXT;
-- The few that are banned or muted, looked at every second.
CREATE INDEX users_sanctioned ON users (id) WHERE banned_at IS NOT NULL OR muted_until IS NOT NULL;

-- Single facts about the whole instance.
CREATE TABLE facts (
    key   TEXT PRIMARY KEY NOT NULL,
    value BLOB NOT NULL CHECK (length(value) = 16)
) STRICT, WITHOUT ROWID;

CREATE TABLE reports (
    id          BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16),
    state       TEXT NOT NULL,
    reporter_id BLOB NOT NULL,
    created_at  INTEGER NOT NULL,
    -- The report with its evidence, as JSON.
    content     TEXT NOT NULL,
    handled_by  BLOB,
    handled_at  INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX reports_state ON reports (state, id);

CREATE TABLE audit (
    id      BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16),
    at      INTEGER NOT NULL,
    content TEXT NOT NULL
) STRICT, WITHOUT ROWID;
