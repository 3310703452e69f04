"""What a site asks of its messages beyond sending them: put into the policy of a delivery."""

from dataclasses import dataclass, replace

from kace_bridge.notify.outbox import Row
from kace_bridge.notify.outdated import can_be_outdated, outdated
from kace_bridge.notify.policy import Policy
from kace_bridge.state import Store
from kace_bridge.sync.wire import Bridge


def courteous(policy: Policy, bridge: Bridge) -> Policy:
    """*policy* with what the site's settings say about its messages."""
    return replace(policy, outdated=Overtaken(bridge.store))


@dataclass(frozen=True, slots=True)
class Overtaken:
    """Asks the store whether a message about to leave is still true."""

    store: Store

    def __call__(self, row: Row) -> str:
        message = row.message
        if not can_be_outdated(message.template):
            return ""
        decision = self.store.decision(row.decision) if row.decision else None
        timeline = self.store.timelines([message.ticket])[message.ticket]
        return outdated(message, decision.at if decision else message.date, timeline)
