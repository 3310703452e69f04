"""The state store: does it open, hold what was recorded, and is there room to write?"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from kace_bridge.clock import Clock
from kace_bridge.doctor.breakers import check_breakers
from kace_bridge.doctor.check import Check, error, ok, warning
from kace_bridge.doctor.trust import check_trust
from kace_bridge.state import open_store
from kace_bridge.state.opening import shown_url, store_exists
from kace_bridge.state.postgres_url import is_postgres

MIB = 1024 * 1024
SCARCE, SHORT = 100 * MIB, 1024 * MIB
_SHOWN = 3


def check_store(url: str, clock: Clock) -> Iterator[Check]:
    """Reads only: a store that is not there yet is not made. Raises ConfigError, RetryLater."""
    if url == "sqlite://:memory:":
        yield warning("state", "kept in memory: every run forgets", "use sqlite:///FILE")
        return
    name = shown_url(url)
    if not is_postgres(url):
        yield check_room(Path(name))
    if not store_exists(url):
        yield ok("state", f"{name} will be made by the first sync")
        return
    with open_store(url, clock, read_only=True) as store:
        faults = store.verify()
        yield from check_trust(store)
        yield from check_breakers(store, clock.now())
    if faults:
        more = f" and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
        cure = "put the newest backup in its place, or ask who changed it (docs/state.md)"
        yield error("state", f"{name}: {'; '.join(faults[:_SHOWN])}{more}", cure)
        return
    yield ok("state", f"{name} opens and holds what was recorded")


def check_room(path: Path) -> Check:
    """Whether the folder takes files and the disk has room."""
    folder = next(parent for parent in path.absolute().parents if parent.exists())
    places = [folder, path] if path.exists() else [folder]
    closed = [str(place) for place in places if not os.access(place, os.W_OK)]
    if closed:
        return error("disk", f"{closed[0]} is not writable", "give this account the right to it")
    free = shutil.disk_usage(folder).free
    what = f"{free // MIB} MiB free in {folder}"
    if free < SCARCE:
        return error("disk", what, "make room: every decision is written before it is carried out")
    if free < SHORT:
        return warning("disk", what, "make room, or run kace-bridge with --state elsewhere")
    return ok("disk", what)
