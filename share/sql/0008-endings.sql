-- An id may be given by its ending. The last eight characters of a request's lie in an index; all
-- other endings are looked for by reading. Generated columns, as before, cost each request more.
DROP INDEX logs_request_tail;
DROP INDEX logs_id_tail;
DROP INDEX conversations_tail;
ALTER TABLE provider_logs DROP COLUMN request_tail;
ALTER TABLE provider_logs DROP COLUMN id_tail;
ALTER TABLE conversations DROP COLUMN id_tail;
CREATE INDEX logs_ending ON provider_logs(substr(request_id,-8));
