"""The rules engine, pure: conditions, phases, decisions, plans. No I/O; ``now`` is an argument."""
