-- The ticket that this one belongs to, so that what happens to it can be told to its children.
ALTER TABLE snapshot ADD COLUMN parent BIGINT;
CREATE INDEX snapshot_parent ON snapshot (parent);
