"""Bulk data into a desk: names or ids for every reference, the fresh defaults for the rest."""

import copy
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kace_bridge.sandbox.data import Asset, Location, Machine, User
from kace_bridge.sandbox.desk import Desk
from kace_bridge.sandbox.exchange import ApiError
from kace_bridge.sandbox.load_queues import load_queue
from kace_bridge.sandbox.load_tickets import TicketLoader
from kace_bridge.sandbox.references import REFERENCES, read_reference
from kace_bridge.sandbox.schedule import plan
from kace_bridge.sandbox.settings import Settings

KNOWN = {"organization", "users", "queues", "machines", "assets", "tickets"}
# Everything but tickets is small enough to be tried out on a copy.
_SMALL = (
    "users",
    "locations",
    "queues",
    "statuses",
    "priorities",
    "impacts",
    "categories",
    "machines",
    "assets",
)
_USER_KEYS = (
    "user_name",
    "full_name",
    "email",
    "password",
    "role",
    "helpdesk",
    "work_phone",
    "is_archived",
    "archived_date",
    "created",
    "modified",
)


def load_desk(desk: Desk, settings: Settings, data: dict[str, Any], stamp: str) -> dict[str, int]:
    """Add or replace what *data* holds, all of it or, on ValueError, nothing."""
    unknown = data.keys() - KNOWN
    if unknown:
        raise ValueError(f"unknown {', '.join(sorted(unknown))}; known: {', '.join(sorted(KNOWN))}")
    with collection_paused():
        return _load_all(desk, settings, data, stamp)


@contextmanager
def collection_paused() -> Iterator[None]:
    """A hundred thousand tickets are millions of objects, none of them garbage."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _load_all(desk: Desk, settings: Settings, data: dict[str, Any], stamp: str) -> dict[str, int]:
    trial = copy.copy(desk)
    for name in _SMALL:
        setattr(trial, name, copy.deepcopy(getattr(desk, name)))
    trial.forget_names()
    _each(data, "users", lambda row: load_user(trial, row, stamp))
    _each(data, "queues", lambda row: load_queue(trial, settings, row))
    _each(data, "machines", lambda row: _load_machine(trial, row))
    _each(data, "assets", lambda row: _load_asset(trial, row, stamp))
    loader = TicketLoader(trial, settings, stamp)
    _each(data, "tickets", loader.read)
    for name in (*_SMALL, "last_ticket_id", "last_change_id", "last_attachment_id"):
        setattr(desk, name, getattr(trial, name))
    desk.add_all(loader.tickets)
    desk.forget_names()
    for ticket in loader.tickets:
        plan(desk, settings, ticket, not_before=stamp)
    return {name: len(data.get(name) or ()) for name in ("users", "queues", "tickets")}


def _each(data: dict[str, Any], name: str, read: Any) -> None:
    rows = data.get(name, ())
    if not isinstance(rows, list | tuple):
        raise ValueError(f"{name}: must be a list")
    for number, row in enumerate(rows):
        try:
            if not isinstance(row, dict):
                raise ValueError("must be an object")
            read(row)
        except ApiError as error:
            raise ValueError(f"{name}[{number}]: {error.description}") from None
        except (ValueError, KeyError) as error:
            said = f"{error} is missing" if isinstance(error, KeyError) else error
            raise ValueError(f"{name}[{number}]: {said}") from None


def load_user(desk: Desk, row: dict[str, Any], stamp: str) -> User:
    """One account; the same user_name or id is the same account."""
    name = str(row["user_name"])
    known = next(
        (u for u in desk.users.values() if u.user_name.casefold() == name.casefold()), None
    )
    key = int(row.get("id") or (known.id if known else max([10, *desk.users]) + 1))
    if known is not None and known.id != key:
        raise ValueError(f"user_name {name} already has id {known.id}")
    user = desk.users.get(key) or User(key, name, name, created=stamp, modified=stamp)
    if user.user_name != name:
        desk.forget_names()
    for attribute in _USER_KEYS:
        if attribute in row:
            kind = int if attribute == "is_archived" else str
            setattr(user, attribute, kind(row[attribute]))
    if "location" in row:
        user.location_id = _location(desk, row["location"])
    if "manager" in row:
        user.manager_id = read_reference(
            desk, REFERENCES["owner"], row["manager"], 0, names_allowed=True
        )
    desk.users[key] = user
    desk.name_user(user)
    return user


def _location(desk: Desk, value: Any) -> int:
    """The location of that name, made when new; a number is the id of one there is."""
    if value in (None, ""):
        return 0
    if isinstance(value, int):
        if value not in desk.locations:
            raise ValueError(f"location {value} does not exist")
        return value
    found = next((x for x in desk.locations.values() if x.name == str(value)), None)
    if found is None:
        found = Location(max([0, *desk.locations]) + 1, str(value))
        desk.locations[found.id] = found
    return found.id


def _load_machine(desk: Desk, row: dict[str, Any]) -> None:
    key = int(row.get("id") or max([0, *desk.machines]) + 1)
    texts = ("ip", "os_name", "ram_total", "last_inventory", "user")
    values = {name: str(row[name]) for name in texts if name in row}
    desk.machines[key] = Machine(key, str(row["name"]), **values)


def _load_asset(desk: Desk, row: dict[str, Any], stamp: str) -> None:
    key = int(row.get("id") or max([500, *desk.assets]) + 1)
    asset = desk.assets.setdefault(key, Asset(key, str(row["name"]), created=stamp, modified=stamp))
    for name in ("asset_type_id", "asset_class_id", "asset_status_id"):
        setattr(asset, name, int(row.get(name, getattr(asset, name))))
    for name in ("name", "asset_type_name", "archive", "created", "modified"):
        setattr(asset, name, str(row.get(name, getattr(asset, name))))
    if "owner" in row:
        asset.owner_id = read_reference(desk, REFERENCES["owner"], row["owner"], 0, True)
    if "machine" in row:
        asset.mapped_id = read_reference(desk, REFERENCES["machine"], row["machine"], 0, True)
