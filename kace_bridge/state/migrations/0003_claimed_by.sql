-- The lease under which a message was last claimed: whose claim it is, and whether that one lives.
ALTER TABLE outbox ADD COLUMN epoch BIGINT;
