"""The store: cursor, snapshots, ledger, outbox, lease."""
