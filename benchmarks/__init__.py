"""The project's own measurements: run by hand, never imported by the program."""
