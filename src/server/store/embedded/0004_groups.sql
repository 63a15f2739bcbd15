ALTER TABLE rooms ADD COLUMN description TEXT;
ALTER TABLE rooms ADD COLUMN history_for_all INTEGER NOT NULL DEFAULT 0;
ALTER TABLE rooms ADD COLUMN slow_mode_s INTEGER NOT NULL DEFAULT 0;
ALTER TABLE rooms ADD COLUMN pins_by TEXT NOT NULL DEFAULT 'everyone';
-- JSON as on the wire, oldest pin first; NULL: none.
ALTER TABLE rooms ADD COLUMN pins TEXT;

-- Who was taken out of a group: links do not let them in again.
CREATE TABLE bars (
    room_id BLOB NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (room_id, user_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE invites (
    code       TEXT PRIMARY KEY NOT NULL,
    room_id    BLOB NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    by_id      BLOB NOT NULL CHECK (length(by_id) = 16),
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER,
    uses       INTEGER NOT NULL,
    max_uses   INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX invites_room ON invites (room_id, created_at);

-- The group that a request asks into: one open request per person and group, beside the one per ordered pair.
ALTER TABLE requests ADD COLUMN room_id BLOB;
DROP INDEX requests_open;
CREATE UNIQUE INDEX requests_open ON requests (from_id, to_id) WHERE open = 1 AND room_id IS NULL;
CREATE UNIQUE INDEX requests_open_room ON requests (to_id, room_id) WHERE open = 1 AND room_id IS NOT NULL;
CREATE INDEX requests_open_from ON requests (from_id) WHERE open = 1;
