-- Ids are UUIDs as 16 bytes, times are Unix milliseconds.

CREATE TABLE users (
    id            BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16),
    username      TEXT NOT NULL,
    username_key  TEXT NOT NULL,
    display_name  TEXT NOT NULL,
    email         TEXT NOT NULL,
    email_key     TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    created_at    INTEGER NOT NULL,
    last_seen     INTEGER,
    theme         TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX users_username_key ON users (username_key);
CREATE UNIQUE INDEX users_email_key ON users (email_key);
CREATE INDEX users_username ON users (username);

-- What a search may begin with.
CREATE TABLE user_words (
    word    TEXT NOT NULL,
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (word, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX user_words_user ON user_words (user_id);

CREATE TABLE sessions (
    id            BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16),
    user_id       BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at    INTEGER NOT NULL,
    last_used_at  INTEGER NOT NULL,
    refresh_hash  BLOB NOT NULL CHECK (length(refresh_hash) = 32),
    previous_hash BLOB CHECK (length(previous_hash) = 32),
    rotated_at    INTEGER NOT NULL,
    user_agent    TEXT NOT NULL,
    network       TEXT NOT NULL,
    revoked_at    INTEGER
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX sessions_refresh ON sessions (refresh_hash);
CREATE INDEX sessions_previous ON sessions (previous_hash) WHERE previous_hash IS NOT NULL;
CREATE INDEX sessions_user ON sessions (user_id);

CREATE TABLE rooms (
    id         BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16),
    kind       TEXT NOT NULL,
    name       TEXT,
    -- The two user ids of a direct room, the smaller one first: one room per pair.
    pair       BLOB CHECK (length(pair) = 32),
    created_at INTEGER NOT NULL,
    revision   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX rooms_pair ON rooms (pair) WHERE pair IS NOT NULL;

CREATE TABLE members (
    room_id       BLOB NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    user_id       BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role          TEXT NOT NULL,
    joined_at     INTEGER NOT NULL,
    -- Breaks ties of joined_at: the place in the list that created the room.
    place         INTEGER NOT NULL,
    joined_seq    INTEGER NOT NULL,
    delivered_seq INTEGER NOT NULL,
    read_seq      INTEGER NOT NULL,
    cleared_seq   INTEGER NOT NULL,
    PRIMARY KEY (room_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX members_user ON members (user_id, room_id);

-- A table with a rowid: new messages of all rooms go to its end, so that a batch dirties few pages. Its index by
-- transaction begins with the client's UUIDv7 for the same reason.
CREATE TABLE messages (
    place       INTEGER PRIMARY KEY,
    id          BLOB NOT NULL CHECK (length(id) = 16),
    room_id     BLOB NOT NULL REFERENCES rooms (id),
    seq         INTEGER NOT NULL CHECK (seq > 0),
    author_id   BLOB NOT NULL CHECK (length(author_id) = 16),
    txn_id      BLOB NOT NULL CHECK (length(txn_id) = 16),
    body        TEXT NOT NULL,
    -- Of the text as first sent: tells a repeated sending from another use of the transaction, also after an edit.
    sent_digest BLOB NOT NULL,
    created_at  INTEGER NOT NULL,
    revision    INTEGER NOT NULL,
    edited_at   INTEGER,
    -- By the store's clock; NULL until the first change.
    changed_at  INTEGER
) STRICT;
CREATE UNIQUE INDEX messages_id ON messages (id);
CREATE UNIQUE INDEX messages_room_seq ON messages (room_id, seq);
CREATE UNIQUE INDEX messages_txn_author ON messages (txn_id, author_id);
CREATE INDEX messages_changed ON messages (room_id, changed_at) WHERE changed_at IS NOT NULL;

CREATE TABLE requests (
    id         BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16),
    from_id    BLOB NOT NULL,
    to_id      BLOB NOT NULL,
    intro      TEXT NOT NULL,
    state      TEXT NOT NULL,
    open       INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX requests_open ON requests (from_id, to_id) WHERE open = 1;
CREATE INDEX requests_open_to ON requests (to_id) WHERE open = 1;

CREATE TABLE blocks (
    by_id      BLOB NOT NULL,
    target_id  BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (by_id, target_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX blocks_target ON blocks (target_id, by_id);
