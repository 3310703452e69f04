"""Whether another kace-bridge, with a store of its own, works under our account.

Two stores decide everything twice: a copy of the configuration on a test machine is enough. So
each comment we write names our store's instance. One of another instance, by our own account and
newer than what we have read, means that the other is at work now; older ones are our own past,
from a store that was lost. Who else writes such a sign is not believed: anybody can.
"""

import re
from collections.abc import Callable, Collection, Iterable

from kace_bridge.errors import ConfigError
from kace_bridge.model.history import HistoryEntry
from kace_bridge.state import Store

SIGN = re.compile(r"\s*\[kb-by:([0-9a-f]{8})\]")
_TWO = (
    "another kace-bridge (instance {name}) wrote to ticket {ticket} under this account at {at}: "
    "two would do everything twice, so this one stops; end the other, and once it has ended for "
    "good: kace-bridge state adopt {name}"
)
ADOPTED = "adopted"
"""The meta entry naming other instances that have ended: theirs is our past."""


def signed(store: Store, comment: str) -> str | None:
    """*comment* with our instance's sign, and no other that its text may have brought along."""
    if not comment:
        return None
    return f"{SIGN.sub('', comment)} [kb-by:{store.meta('instance')}]"


def find_stranger(
    rows: Iterable[HistoryEntry],
    ours: Collection[str],
    is_ours: Callable[[HistoryEntry], bool],
) -> tuple[str, HistoryEntry] | None:
    """The instance that signed one of *rows* and is not among *ours*, with that row.

    *is_ours* says whether a row was written by the account we work as.
    """
    for row in rows:
        for instance in SIGN.findall(row.comment):
            if instance not in ours and is_ours(row):
                return instance, row
    return None


def refuse_strangers(
    store: Store, rows: Iterable[HistoryEntry], is_ours: Callable[[HistoryEntry], bool]
) -> None:
    """Raise ConfigError, with the cure, where another instance wrote one of *rows*."""
    rows = [row for row in rows if "[kb-by:" in row.comment]
    found = find_stranger(rows, instances(store), is_ours) if rows else None
    if found is None:
        return
    name, row = found
    at = f"{row.at:%Y-%m-%d %H:%M}"
    raise ConfigError([_TWO.format(name=name, ticket=row.ticket_id, at=at)])


def instances(store: Store) -> frozenset[str]:
    """Our own instance, and those whose past we took over."""
    adopted = (store.meta(ADOPTED) or "").split()
    return frozenset([store.meta("instance") or "", *adopted])


def adopt(store: Store, instance: str) -> None:
    """Take what *instance* wrote for our own past."""
    known = (store.meta(ADOPTED) or "").split()
    store.set_meta(ADOPTED, " ".join(dict.fromkeys([*known, instance])))
