-- What a message is beside its text, JSON as on the wire; NULL: nothing.
ALTER TABLE messages ADD COLUMN extra TEXT;
