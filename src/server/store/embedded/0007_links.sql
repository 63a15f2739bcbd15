-- Messages that may have a link (markup::may_have_web_links says the same): what is looked at for the list of a room's links.
CREATE INDEX messages_links ON messages (room_id, seq) WHERE instr(body, '://');
