"""The SMA REST client, usable alone.

::

    from kace_bridge.sma import Sma

    with Sma("https://kace", username="svc", password="...", timezone="America/New_York") as sma:
        for ticket in sma.tickets.list(queue=1):
            print(ticket.id, ticket.title)

Names are imported when first used: ``kace_bridge.sma.secret`` costs no HTTP library.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kace_bridge.sma.client import Sma as Sma
    from kace_bridge.sma.endpoints.inventory import Item as Item
    from kace_bridge.sma.endpoints.organizations import Organization as Organization
    from kace_bridge.sma.endpoints.tickets import Page as Page
    from kace_bridge.sma.endpoints.users import Me as Me
    from kace_bridge.sma.names import UnknownName as UnknownName
    from kace_bridge.sma.query import Filter as Filter
    from kace_bridge.sma.query import clause as clause
    from kace_bridge.sma.secret import Secret as Secret

_HOMES = {
    "Filter": "query",
    "Item": "endpoints.inventory",
    "Me": "endpoints.users",
    "Organization": "endpoints.organizations",
    "Page": "endpoints.tickets",
    "Secret": "secret",
    "Sma": "client",
    "UnknownName": "names",
    "clause": "query",
}
__all__ = [  # noqa: PLE0604
    *sorted(_HOMES),
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
