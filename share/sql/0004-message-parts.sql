-- What went with a message beside its text: images, PDF, audio. Covered by the message's checksum.
CREATE TABLE message_parts(
message_id TEXT NOT NULL, position INTEGER NOT NULL, medium TEXT NOT NULL, mime TEXT NOT NULL,
name TEXT NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY(message_id, position));
CREATE TRIGGER message_parts_deleted AFTER DELETE ON messages BEGIN
DELETE FROM message_parts WHERE message_id=old.id;
END;
