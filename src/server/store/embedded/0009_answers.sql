-- Until when somebody says to be writing an answer, Unix milliseconds; NULL: nobody. The same as in its `extra`.
ALTER TABLE messages ADD COLUMN held_until INTEGER;
CREATE INDEX messages_held ON messages (held_until) WHERE held_until IS NOT NULL;
