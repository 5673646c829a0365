-- Where upkeep has got to. bodies_gone_to: up to this rowid of provider_logs bodies were dropped.
CREATE TABLE store_marks(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
