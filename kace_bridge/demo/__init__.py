"""A rehearsal: the whole incident process played against the sandbox appliance."""
