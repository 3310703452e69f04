-- Counting the tickets at work per owner looks at these alone, not at all that were ever seen.
DROP INDEX snapshot_load;
CREATE INDEX snapshot_work ON snapshot (owner)
  WHERE owner IS NOT NULL AND gone_at IS NULL AND (state = 'opened' OR status = 'New');
