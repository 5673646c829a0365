-- Conversations: trees of messages. head_id is the message that the next one follows; a fork's
-- may be another conversation's message. messages counts those on all branches, with the shared.
-- id_tail is as in provider_logs.
CREATE TABLE conversations(
n INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, user_id TEXT, title TEXT NOT NULL, system TEXT,
asked_provider TEXT, asked_model TEXT, provider TEXT, model TEXT,
head_id TEXT, forked_from TEXT, messages INTEGER NOT NULL DEFAULT 0,
created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
id_tail TEXT AS (substr(id,-1,1)||substr(id,-2,1)||substr(id,-3,1)||substr(id,-4,1)||
substr(id,-5,1)||substr(id,-6,1)||substr(id,-7,1)||substr(id,-8,1)));

CREATE INDEX conversations_updated ON conversations(updated_at);
CREATE INDEX conversations_user ON conversations(user_id, updated_at);
CREATE INDEX conversations_head ON conversations(head_id);
CREATE INDEX conversations_tail ON conversations(id_tail);

-- Only ever added; n grows, so that what follows has a greater one. checksum: see
-- store/conversation.h.
CREATE TABLE messages(
n INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, conversation_id TEXT NOT NULL, parent_id TEXT,
role TEXT NOT NULL, content TEXT NOT NULL, provider TEXT, model TEXT, request_id TEXT,
created_at INTEGER NOT NULL, checksum TEXT NOT NULL);

CREATE INDEX messages_conversation ON messages(conversation_id);
CREATE INDEX messages_parent ON messages(parent_id);

-- Words of messages. The text itself stays in messages alone.
CREATE VIRTUAL TABLE messages_text USING fts5(content, content='messages', content_rowid='n',
tokenize='unicode61 remove_diacritics 2');
CREATE TRIGGER messages_added AFTER INSERT ON messages BEGIN
INSERT INTO messages_text(rowid, content) VALUES(new.n, new.content);
END;
CREATE TRIGGER messages_deleted AFTER DELETE ON messages BEGIN
INSERT INTO messages_text(messages_text, rowid, content) VALUES('delete', old.n, old.content);
END;
CREATE TRIGGER messages_changed AFTER UPDATE OF content ON messages BEGIN
INSERT INTO messages_text(messages_text, rowid, content) VALUES('delete', old.n, old.content);
INSERT INTO messages_text(rowid, content) VALUES(new.n, new.content);
END;
