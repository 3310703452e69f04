"""How conditions compare: one small function per operator, found by its name."""
