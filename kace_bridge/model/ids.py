"""Names for the integers and texts that must not be mixed up."""

from typing import NewType

TicketId = NewType("TicketId", int)
QueueId = NewType("QueueId", int)
UserId = NewType("UserId", int)
ChangeId = NewType("ChangeId", int)
"""Number of one history row; rises within an appliance."""
UserName = NewType("UserName", str)
"""The login name: the stable key of a person (contract section 5.1)."""
