"""Ways to pick a person from a team; each registers itself on import."""
