-- The message that carries this one in its place; NULL while it leaves by itself.
ALTER TABLE outbox ADD COLUMN bundle TEXT;
CREATE INDEX outbox_bundle ON outbox (bundle, state);
