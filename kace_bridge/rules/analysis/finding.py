"""What analysing a rule set finds: values, in words for whoever wrote the rules."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "overlap", "contradiction", "unreachable", "loop", "untested", "review", "mode"
]  # fmt: skip
Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at. ``place`` is ``file:line`` of the first of ``rules``.

    ``error``: the rules cannot do what they say. ``warning``: they probably do not do what was
    meant. ``note``: worth knowing, nothing to put right. ``sample`` is a made-up ticket, with
    what happens to it, on which the production engine was run and showed the finding.
    """

    kind: Kind
    severity: Severity
    rules: tuple[str, ...]
    place: str
    message: str
    fix: str = ""
    sample: Mapping[str, object] | None = None
