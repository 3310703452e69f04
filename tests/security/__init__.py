"""The security controls S01 to S30, each shown at work."""
