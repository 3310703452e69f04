"""What people ask for at a terminal: one module per kind of wish."""
