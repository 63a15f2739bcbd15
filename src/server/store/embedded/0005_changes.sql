-- What is around a text. NULL in most messages, which costs a byte each. `system`, `mentions`, `reactions` and `preview` are
-- JSON as on the wire.
ALTER TABLE messages ADD COLUMN system TEXT;
ALTER TABLE messages ADD COLUMN deleted_by BLOB;
ALTER TABLE messages ADD COLUMN deleted_at INTEGER;
ALTER TABLE messages ADD COLUMN reply_to BLOB;
ALTER TABLE messages ADD COLUMN reply_seq INTEGER;
ALTER TABLE messages ADD COLUMN forwarded_from BLOB;
ALTER TABLE messages ADD COLUMN mentions TEXT;
ALTER TABLE messages ADD COLUMN reactions TEXT;
ALTER TABLE messages ADD COLUMN preview TEXT;

-- Earlier texts, under the revision that they were replaced by.
CREATE TABLE edits (
    message_id BLOB NOT NULL CHECK (length(message_id) = 16),
    revision   INTEGER NOT NULL,
    body       TEXT NOT NULL,
    at         INTEGER NOT NULL,
    PRIMARY KEY (message_id, revision)
) STRICT, WITHOUT ROWID;

-- What a member set for themselves, as JSON; NULL: nothing. `spoke_at` and `spoke_txn`: their last turn in slow mode.
ALTER TABLE members ADD COLUMN prefs TEXT;
ALTER TABLE members ADD COLUMN spoke_at INTEGER;
ALTER TABLE members ADD COLUMN spoke_txn BLOB;
CREATE INDEX members_prefs ON members (user_id) WHERE prefs IS NOT NULL;
