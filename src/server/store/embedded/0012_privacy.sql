-- What somebody lets others know and do, JSON; NULL: as it is at first.
ALTER TABLE users ADD COLUMN privacy TEXT;
