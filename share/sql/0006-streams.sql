-- `cartrita stream`: each session, and what it has shown. A row of stream_events holds the events that
-- came since the last one, a line of JSON each, without session_id and metadata. A session's rows lie
-- between first_event (before its first) and last_event (NULL: it runs), those of others in between.
CREATE TABLE stream_sessions(
id INTEGER PRIMARY KEY, session_id TEXT NOT NULL, request_id TEXT, user_id TEXT, provider TEXT, model TEXT,
metadata TEXT, content INTEGER NOT NULL, state TEXT NOT NULL, error_code TEXT,
torn INTEGER NOT NULL DEFAULT 0, stop INTEGER NOT NULL DEFAULT 0, tokens INTEGER NOT NULL DEFAULT 0,
pid INTEGER NOT NULL, started INTEGER NOT NULL, pid_ns INTEGER NOT NULL, boot INTEGER NOT NULL,
deadline INTEGER NOT NULL, created_at INTEGER NOT NULL, ended_at INTEGER,
first_event INTEGER NOT NULL, last_event INTEGER);
CREATE INDEX stream_sessions_named ON stream_sessions(session_id);
CREATE INDEX stream_sessions_running ON stream_sessions(state) WHERE state='running';
CREATE INDEX stream_sessions_stopped ON stream_sessions(stop) WHERE stop=1;
CREATE TABLE stream_events(n INTEGER PRIMARY KEY, session INTEGER NOT NULL, events TEXT NOT NULL);
