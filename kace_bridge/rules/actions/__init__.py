"""What a rule may do, lowered to effects; each registers itself on import."""
