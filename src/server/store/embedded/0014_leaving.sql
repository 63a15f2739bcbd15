-- When an account goes and whether what it wrote goes with it, as its owner wishes; `deleted_at`: since when it is nobody's.
ALTER TABLE users ADD COLUMN leaves_at INTEGER;
ALTER TABLE users ADD COLUMN takes_messages INTEGER;
ALTER TABLE users ADD COLUMN deleted_at INTEGER;
CREATE INDEX users_leaving ON users (leaves_at) WHERE leaves_at IS NOT NULL;

-- What is kept of one person or of one room, where nothing else finds it.
CREATE INDEX requests_from ON requests (from_id);
CREATE INDEX requests_to ON requests (to_id);
CREATE INDEX requests_room ON requests (room_id) WHERE room_id IS NOT NULL;
CREATE INDEX bars_user ON bars (user_id);
CREATE INDEX invites_by ON invites (by_id);
CREATE INDEX usage_account ON usage (account);
CREATE INDEX reports_reporter ON reports (reporter_id, id);

-- A stamp that changes have reached: those whose messages went with their room cannot tell it any more.
CREATE TABLE clock (
    only_one INTEGER PRIMARY KEY CHECK (only_one = 1),
    newest   INTEGER NOT NULL
) STRICT;
INSERT INTO clock VALUES (1, 0);

-- The names of files are in the index, too, and leave it when their message is deleted.
ALTER TABLE search_stale ADD COLUMN attachments TEXT;
UPDATE search_stale SET attachments = (SELECT m.attachments FROM messages m WHERE m.place = search_stale.place);
DROP TRIGGER messages_are_found_anew;
CREATE TRIGGER messages_are_found_anew AFTER UPDATE OF body, attachments ON messages
WHEN old.place <= (SELECT indexed_to FROM search_state)
BEGIN
    INSERT INTO search_stale (place, body, attachments) VALUES (old.place, old.body, old.attachments) ON CONFLICT DO NOTHING;
END;
