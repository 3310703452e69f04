"""Checks of ``messages:``, and of rules that mail what the appliance mails too."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from kace_bridge.config.crosscheck import Documents, Names
from kace_bridge.config.problems import Place, Problem, did_you_mean
from kace_bridge.config.settings import SettingsFile
from kace_bridge.notify.outdated import is_of
from kace_bridge.rules.actions.notify import ROLES, Notify
from kace_bridge.rules.ruleset import Rule

DOUBLES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "receipt": ("receipt",),
        "closed": ("closed",),
        "comment": ("updated", "need-info"),
        "owner_change": ("assigned", "taken"),
    }
)
"""The appliance's own mails by ``appliance.mails``, and the templates that tell the same."""

_STAFF = tuple(role for role in ROLES if role not in ("submitter", "author"))


def doubled_templates(settings: SettingsFile) -> frozenset[str]:
    """Templates that tell what the appliance mails by itself."""
    return frozenset(name for event in settings.appliance.mails for name in DOUBLES[event])


def message_problems(
    documents: Documents, settings: SettingsFile | None, names: Names
) -> Iterator[Problem]:
    """Names under ``messages:`` that nothing has; logins cannot be known here."""
    if settings is None:
        return
    document, spec, known = documents[0][0], settings.messages, names.calendars
    if spec.quiet is not None and known is not None and spec.quiet not in known:
        yield Problem(
            document.place(("messages", "quiet")), f"unknown calendar '{spec.quiet}'",
            did_you_mean(spec.quiet, sorted(known)),
        )  # fmt: skip
    for name in spec.digest:
        if name in ("submitter", "author"):
            yield Problem(
                document.key_place(("messages", "digest", name)),
                f"'{name}' gets no daily summary: a reply to it would reach no ticket",
                f"Name a team, a login name or one of {', '.join(_STAFF)}",
            )


def doubles(rules: Sequence[Rule], settings: SettingsFile) -> Iterator[Problem]:
    """A warning for each rule that tells people what the appliance tells them too."""
    told = doubled_templates(settings)
    dropped = settings.messages.doubles == "skip"
    for rule in rules if told else ():
        steps = ((rule.place, rule.actions), *((step.place, step.actions) for step in rule.levels))
        for place, actions in steps:
            for action in actions:
                if isinstance(action, Notify) and is_of(action.template, told):
                    file, _, line = place.rpartition(":")
                    yield Problem(
                        Place(file, int(line), 1),
                        f"rule '{rule.id}' mails '{action.template}', and the appliance mails"
                        " that too (appliance.mails)",
                        "It is not sent: messages.doubles is skip" if dropped
                        else "Drop the rule, or switch the appliance's mail off",
                        "warning",
                    )  # fmt: skip
