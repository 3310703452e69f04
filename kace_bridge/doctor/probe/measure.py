"""One run of the probe: log in once, measure, log out, report."""

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from kace_bridge.clock import Clock
from kace_bridge.config.light import Account
from kace_bridge.doctor.probe.conversation import Conversation
from kace_bridge.doctor.probe.fact import Fact, fields_of
from kace_bridge.doctor.probe.reading import measure_reading
from kace_bridge.doctor.probe.report import Report, without_private
from kace_bridge.doctor.probe.session import measure_session, measure_tokens
from kace_bridge.doctor.probe.writing import find_queue, measure_writing
from kace_bridge.sma.auth import ME

UNMEASURED = {
    "U15": "Attachment upload: no route is known to try",
    "U16": "Whether API writes fire e-mail events: look into the mailbox of a test queue",
    "U17": "E-mail events of a fresh queue: shown in the queue's settings alone",
    "U18": "Base of the escalation clock: takes a ticket left open for its escalation time",
}


def measure(
    account: Account, environ: Mapping[str, str], clock: Clock, *, queue: str | None = None
) -> Report:
    """The report on the appliance of *account*; with *queue*, test tickets are made there.

    Raises LoginRefused after one attempt, RetryLater, ConfigError, and UsageError for a queue
    that is not there.
    """
    with Conversation(account, environ, clock) as talk:
        private = _private(account, talk)
        number = find_queue(talk, queue) if queue else None
        facts = list(_measure(talk, ZoneInfo(account.timezone), number))
        return Report(talk.now().date(), talk.grant.generation, without_private(facts, private))


def _measure(talk: Conversation, zone: ZoneInfo, queue: int | None) -> Iterator[Fact]:
    yield from measure_session(talk)
    yield from measure_reading(talk, zone)
    if queue is not None:
        yield from measure_writing(talk, queue, zone)
    yield from measure_tokens(talk)
    yield from (Fact(name, what, None, "not measured") for name, what in UNMEASURED.items())


def _private(account: Account, talk: Conversation) -> set[str]:
    """Words that must not leave, whatever an appliance may answer."""
    told = fields_of(talk.get(ME))
    named = {str(told.get(key) or "") for key in ("username", "fullname", "email", "user_name")}
    host = urlsplit(account.url).hostname or ""
    organization = {account.organization} - {"Default"}
    secrets = {account.username, account.password, account.totp or "", host}
    return named | organization | secrets
