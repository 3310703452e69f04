"""What conditions can ask about: one small function per field, found by its name."""
