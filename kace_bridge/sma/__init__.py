"""The SMA REST client, usable alone."""
