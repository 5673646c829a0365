-- What is not counted in tokens: milliseconds of sound that was listened to, characters spoken.
ALTER TABLE provider_metrics ADD COLUMN audio_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE provider_metrics ADD COLUMN characters INTEGER NOT NULL DEFAULT 0;
