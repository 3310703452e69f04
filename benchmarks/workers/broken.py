"""The program with one safeguard taken out, to see whether the checker notices.

``python -m benchmarks.workers.broken ...`` takes the words of ``kace-bridge``; BROKEN names what
is taken out.
"""

# ruff: noqa: SLF001 -- breaking in is what this is for

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


def without_lease_and_cas() -> None:
    """Everybody works at once, and a planned effect is taken whoever took it before."""
    from kace_bridge.state import lease as leases
    from kace_bridge.state import ledger, postbag, store

    class Nobody(leases.Lease):
        def renew(self) -> None:
            """Nothing is held."""

    @contextmanager
    def hold(database: Any, clock: Any, name: str, ttl: Any) -> Iterator[leases.Lease]:
        yield Nobody(database, clock, name, ttl, "", 0)

    store.hold_lease = hold
    postbag.require_epoch = lambda *_: None
    ledger._INTENT = ledger._INTENT.replace(" AND state = 'planned'", "")
    ledger._FINISH = ledger._FINISH.replace(" AND state IN ('planned', 'intent', 'unknown')", "")
    ledger._move = lambda c, sql, rows: c.executemany(sql, rows)


def with_retries() -> None:
    """A write whose answer is lost is sent again, as HTTP libraries do by default."""
    from kace_bridge.errors import OutcomeUnknown
    from kace_bridge.sma.endpoints.tickets import Tickets

    once = Tickets.update

    def update(self: Tickets, *args: Any, **options: Any) -> Any:
        try:
            return once(self, *args, **options)
        except OutcomeUnknown:
            return once(self, *args, **options)

    Tickets.update = update  # type: ignore[method-assign]


def with_early_receipts() -> None:
    """A message counts as sent before it is."""
    from kace_bridge.notify import dispatch

    carefully = dispatch._Run._send

    def send(self: Any, row: Any, channel: Any, judgement: Any) -> None:
        self.outbox.sent(row.key, self.now(), "")
        self.may_send = lambda _: True
        carefully(self, row, channel, judgement)

    dispatch._Run._send = send  # type: ignore[method-assign]


def with_fresh_ids() -> None:
    """Every try of a message has an identity of its own."""
    from secrets import token_hex

    from kace_bridge.notify import compose
    from kace_bridge.notify.channels import webhook

    compose.message_token = webhook.message_token = lambda _: token_hex(16)


BROKEN = {
    "lease": without_lease_and_cas, "retry": with_retries, "early": with_early_receipts,
    "ids": with_fresh_ids, "settle": lambda: None,
}  # fmt: skip
"""By name; ``settle`` is a matter of configuration: no window before an unknown is settled."""

if __name__ == "__main__":
    BROKEN[os.environ["BROKEN"]]()
    from kace_bridge.cli import main

    sys.exit(main())
