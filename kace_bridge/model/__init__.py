"""Pure values shared by every other package: tickets, people, events, effects, messages."""
