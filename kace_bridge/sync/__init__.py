"""The shell: pulls, decides, commits, applies, delivers."""
