-- What messages are found by. The text itself stays in `messages`: this keeps only which windows of three characters
-- (server::find::grams) which message has. `room`, `author` and the `has_` columns hold three characters, one window, each.
CREATE VIRTUAL TABLE message_grams USING fts5 (
    room, author, has_link, has_file, has_image, spaced, dense,
    tokenize = 'trigram case_sensitive 1', content = '', columnsize = 0, detail = none
);
-- What is deleted leaves the index at once, not at some later merge.
INSERT INTO message_grams (message_grams, rank) VALUES ('secure-delete', 1);

-- Messages up to this place are in the index; the others are read through by a search.
CREATE TABLE search_state (
    only_one   INTEGER PRIMARY KEY CHECK (only_one = 1),
    indexed_to INTEGER NOT NULL
) STRICT;
INSERT INTO search_state VALUES (1, 0);

-- Messages that are in the index with a text that they no longer have.
CREATE TABLE search_stale (
    place INTEGER PRIMARY KEY,
    body  TEXT NOT NULL
) STRICT;
CREATE TRIGGER messages_are_found_anew AFTER UPDATE OF body ON messages
WHEN old.place <= (SELECT indexed_to FROM search_state)
BEGIN
    INSERT INTO search_stale (place, body) VALUES (old.place, old.body) ON CONFLICT DO NOTHING;
END;
