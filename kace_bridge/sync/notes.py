"""The owners-only note that every write of ours leaves: what changed, by which rule."""

from kace_bridge.rules.facts import Desk
from kace_bridge.state.rows import EffectRow


def note_for(effect: EffectRow, desk: Desk) -> str:
    """One sentence for engineers: ``Owner: nobody → Bo Kim (rule everything-else).``"""
    changes = ", ".join(
        f"{name.capitalize()}: {shown(desk, name, effect.before.get(name))}"
        f" → {shown(desk, name, value)}"
        for name, value in effect.values.items()
    )
    if effect.phase == "command":
        return f"{changes}."
    return f"{changes} (rule {effect.rule})."


def shown(desk: Desk, field: str, value: str | None) -> str:
    """A value as people say it: full names for people, ``nobody`` or ``none`` for nothing."""
    if value is None:
        return "nobody" if field == "owner" else "none"
    return desk.person(value).shown if field in {"owner", "submitter"} else value
