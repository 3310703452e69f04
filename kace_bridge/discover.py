"""Import every module of a folder, so that adding a capability is adding a file."""

import importlib
import pkgutil
from types import ModuleType


def import_all(package: ModuleType) -> list[ModuleType]:
    """Import each direct module of *package*, in name order, and return them.

    Operators, strategies, actions and channels register themselves on import. Private modules
    (leading underscore) are skipped.
    """
    names = sorted(info.name for info in pkgutil.iter_modules(package.__path__))
    return [
        importlib.import_module(f"{package.__name__}.{name}")
        for name in names
        if not name.startswith("_")
    ]
