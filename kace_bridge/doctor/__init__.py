"""Is everything in place? Checks before the first sync, and measurements of a real appliance."""
