"""Whether a message goes out now, pure: the answer is a named reason, never a bare yes or no."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

from kace_bridge.model.message import Message
from kace_bridge.notify.address import read_email, same_address


class SendReason(Enum):
    """Why a message is sent, held or dropped; the value is what people read."""

    FIRST = "sent for the first time"
    REPEAT_DUE = "sent again after a failed try"
    DUPLICATE = "the same message was taken up already"
    NO_ADDRESS = "the recipient has no usable e-mail address"
    OWN_ADDRESS = "the recipient is an address of the service desk itself"
    ECHO = "not sent: it would answer an automatic reply"
    DOUBLED = "the appliance mails this itself"
    OUTDATED = "no longer true"
    SILENCED = "silenced"
    QUIET_HOURS = "held until quiet hours end"
    DAILY = "held for the daily summary"
    GATHERED = "held: goes out together with what follows shortly"
    CAPPED = "held: the recipient was told enough within the hour"

    @property
    def sends(self) -> bool:
        """Deliver now."""
        return self in (SendReason.FIRST, SendReason.REPEAT_DUE)

    @property
    def holds(self) -> bool:
        """Not now, but later."""
        return self in _HOLDING

    @property
    def drops(self) -> bool:
        """Never."""
        return not self.sends and not self.holds


_HOLDING = frozenset(
    {SendReason.QUIET_HOURS, SendReason.DAILY, SendReason.GATHERED, SendReason.CAPPED}
)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is known around one message at the moment it would leave.

    ``recent`` counts what its recipient was sent within the last hour, ``quiet_until`` is the
    end of the quiet hours that are on, ``daily_at`` when its recipient's daily summary leaves,
    ``gathered_until`` when a mail to them may follow the last one; ``denied`` holds addresses as
    `same_address` gives them, ``outdated`` says what has made it untrue (see `outdated.outdated`).
    """

    now: datetime
    attempts: int = 0
    personal: bool = True
    recent: int = 0
    cap: int | None = None
    seen: bool = False
    echo: bool = False
    doubled: bool = False
    outdated: str = ""
    silenced: bool = False
    quiet_until: datetime | None = None
    daily_at: datetime | None = None
    gathered_until: datetime | None = None
    denied: frozenset[str] = field(default=frozenset())


@dataclass(frozen=True, slots=True)
class Judgement:
    """A reason, perhaps with more words, and, where it holds the message, until when."""

    reason: SendReason
    until: datetime | None = None
    detail: str = ""

    @property
    def sends(self) -> bool:
        """Deliver now."""
        return self.reason.sends

    @property
    def words(self) -> str:
        """The reason as it is recorded."""
        return f"{self.reason.value}: {self.detail}" if self.detail else self.reason.value


_CAP_PAUSE = timedelta(minutes=15)


def send_reason(message: Message, around: Circumstances) -> Judgement:
    """Whether *message* leaves now.

    What can never be right (a double, no address, our own address, a machine, what is no longer
    true) comes before what people asked for (silence), and that before what only waits. Urgent
    messages wait for no hour, but for the cap: a storm of urgent messages is still a storm.
    """
    if around.seen:
        return Judgement(SendReason.DUPLICATE)
    if around.personal and read_email(message.to) is None:
        return Judgement(SendReason.NO_ADDRESS)
    if around.personal and same_address(message.to) in around.denied:
        return Judgement(SendReason.OWN_ADDRESS)
    if around.echo:
        return Judgement(SendReason.ECHO)
    if around.doubled:
        return Judgement(SendReason.DOUBLED)
    if around.outdated:
        return Judgement(SendReason.OUTDATED, detail=around.outdated)
    if around.silenced:
        return Judgement(SendReason.SILENCED)
    if not message.urgent:
        for reason, until in (
            (SendReason.QUIET_HOURS, around.quiet_until),
            (SendReason.DAILY, around.daily_at),
            (SendReason.GATHERED, around.gathered_until),
        ):
            if until is not None and until > around.now:
                return Judgement(reason, until)
    if around.personal and around.cap is not None and around.recent >= around.cap:
        return Judgement(SendReason.CAPPED, around.now + _CAP_PAUSE)
    return Judgement(SendReason.REPEAT_DUE if around.attempts else SendReason.FIRST)


_NOT_STAFF = frozenset({"", "submitter", "author"})


def is_for_staff(message: Message) -> bool:
    """Whether its recipient is told as one of the staff: who asked for help is not kept waiting."""
    return message.role not in _NOT_STAFF
