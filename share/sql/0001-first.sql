-- Requests. The first thirteen columns are public; what follows serves reaping and `logs show`.
-- The tails are the last eight characters backwards: an ending of an id is then the beginning
-- of an indexed value. As virtual columns they exist in their indices only.
CREATE TABLE provider_logs(
id TEXT PRIMARY KEY, request_id TEXT UNIQUE NOT NULL, conversation_id TEXT, user_id TEXT,
provider TEXT NOT NULL, model TEXT NOT NULL, state TEXT NOT NULL,
request_data TEXT, response_data TEXT, error_data TEXT, duration INTEGER,
created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
attempts TEXT, pid INTEGER, started INTEGER, pid_ns INTEGER, boot INTEGER, deadline INTEGER,
reaped INTEGER NOT NULL DEFAULT 0,
request_tail TEXT AS (substr(request_id,-1,1)||substr(request_id,-2,1)||
substr(request_id,-3,1)||substr(request_id,-4,1)||substr(request_id,-5,1)||
substr(request_id,-6,1)||substr(request_id,-7,1)||substr(request_id,-8,1)),
id_tail TEXT AS (substr(id,-1,1)||substr(id,-2,1)||substr(id,-3,1)||substr(id,-4,1)||
substr(id,-5,1)||substr(id,-6,1)||substr(id,-7,1)||substr(id,-8,1)));

CREATE INDEX logs_created ON provider_logs(created_at);
CREATE INDEX logs_provider ON provider_logs(provider, created_at);
CREATE INDEX logs_user ON provider_logs(user_id, created_at) WHERE user_id IS NOT NULL;
CREATE INDEX logs_conversation ON provider_logs(conversation_id, created_at)
WHERE conversation_id IS NOT NULL;
CREATE INDEX logs_failed ON provider_logs(created_at) WHERE state='failed';
CREATE INDEX logs_provider_failed ON provider_logs(provider, created_at) WHERE state='failed';
-- Holds all that reaping looks at, so that it never reads the rows themselves.
CREATE INDEX logs_pending ON provider_logs(deadline, pid, started, pid_ns, boot)
WHERE state='pending';
CREATE INDEX logs_request_tail ON provider_logs(request_tail);
CREATE INDEX logs_id_tail ON provider_logs(id_tail);

-- Attempts.
CREATE TABLE provider_metrics(
id TEXT PRIMARY KEY, provider TEXT NOT NULL, model TEXT NOT NULL,
input_tokens INTEGER NOT NULL DEFAULT 0, output_tokens INTEGER NOT NULL DEFAULT 0,
total_tokens INTEGER NOT NULL DEFAULT 0, duration INTEGER NOT NULL DEFAULT 0,
success INTEGER NOT NULL DEFAULT 0, created_at INTEGER NOT NULL,
request_id TEXT, attempt INTEGER, user_id TEXT, error_code TEXT, first_token_ms INTEGER,
cost_usd_nanos INTEGER, usage_known INTEGER NOT NULL DEFAULT 0,
fallback INTEGER NOT NULL DEFAULT 0, status INTEGER);
CREATE INDEX metrics_created ON provider_metrics(created_at);

-- Their sums for each hour (span 3600000) and each day (span 86400000) that begins at start.
-- user_id is '' for none. duration_sum and the histograms (store/histogram.h) are of successes.
CREATE TABLE provider_rollups(
span INTEGER NOT NULL, start INTEGER NOT NULL,
provider TEXT NOT NULL, model TEXT NOT NULL, user_id TEXT NOT NULL,
requests INTEGER NOT NULL, successes INTEGER NOT NULL, fallbacks INTEGER NOT NULL,
input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL, cost_usd_nanos INTEGER NOT NULL,
duration_sum INTEGER NOT NULL, last_used_at INTEGER NOT NULL,
durations BLOB NOT NULL, first_tokens BLOB NOT NULL,
PRIMARY KEY(span, start, provider, model, user_id)) WITHOUT ROWID;

-- model/circuit.h, one row for each provider that has a history.
CREATE TABLE provider_circuits(
provider TEXT PRIMARY KEY, state INTEGER NOT NULL, failures INTEGER NOT NULL,
failure_wall INTEGER, failure_boot_ms INTEGER, failure_boot INTEGER,
opened_wall INTEGER, opened_boot_ms INTEGER, opened_boot INTEGER,
retry_wall INTEGER, retry_boot_ms INTEGER, retry_boot INTEGER,
resting_wall INTEGER, resting_boot_ms INTEGER, resting_boot INTEGER,
cooldown_ms INTEGER, probe_pid INTEGER, probe_started INTEGER, probe_pid_ns INTEGER,
probe_boot INTEGER, last_error TEXT) WITHOUT ROWID;
