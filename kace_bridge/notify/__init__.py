"""Messages: composing, suppressing, delivering."""
