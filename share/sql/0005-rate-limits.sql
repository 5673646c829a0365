-- model/limit.h: how far rate limits are used up. key is 'provider:NAME' or 'user:ID'; idle_at is
-- when the row says nothing any more (Unix ms).
CREATE TABLE rate_limits(
key TEXT PRIMARY KEY, at_wall INTEGER NOT NULL, at_boot_ms INTEGER NOT NULL,
at_boot INTEGER NOT NULL, ahead_us INTEGER NOT NULL, interval_us INTEGER NOT NULL,
serial INTEGER NOT NULL, told_wall INTEGER NOT NULL, told_boot_ms INTEGER NOT NULL,
told_boot INTEGER NOT NULL, lasts_ms INTEGER NOT NULL, bound INTEGER NOT NULL,
teller INTEGER NOT NULL, idle_at INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX limits_idle ON rate_limits(idle_at);
