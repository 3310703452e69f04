"""Condition operators; each registers itself on import."""
