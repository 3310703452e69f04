"""Business time, pure: calendars, durations, clocks."""
