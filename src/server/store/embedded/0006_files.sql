-- The files of a message, JSON as on the wire; NULL: none.
ALTER TABLE messages ADD COLUMN attachments TEXT;

-- Which messages show a file; rows go with the text of their message.
CREATE TABLE message_files (
    file_id    BLOB NOT NULL CHECK (length(file_id) = 16),
    message_id BLOB NOT NULL CHECK (length(message_id) = 16),
    room_id    BLOB NOT NULL CHECK (length(room_id) = 16),
    seq        INTEGER NOT NULL,
    kind       TEXT NOT NULL,
    PRIMARY KEY (file_id, message_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX message_files_room ON message_files (room_id, seq, kind);
CREATE INDEX message_files_message ON message_files (message_id);

CREATE TABLE files (
    id         BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16),
    owner_id   BLOB NOT NULL CHECK (length(owner_id) = 16),
    slot       TEXT NOT NULL,
    room_id    BLOB,
    state      TEXT NOT NULL,
    bytes      INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    claimed_at INTEGER,
    content    TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX files_owner ON files (owner_id, bytes);

-- The pictures of people and of groups, JSON; NULL: none.
ALTER TABLE users ADD COLUMN picture TEXT;
ALTER TABLE rooms ADD COLUMN picture TEXT;
