"""Pure business time: durations, working calendars, and the clocks of a ticket."""
