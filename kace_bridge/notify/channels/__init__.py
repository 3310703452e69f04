"""Ways out; each registers itself on import."""
