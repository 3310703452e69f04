"""Checks of teams: their strategies, and the people and names these are told about."""

from collections.abc import Iterator, Sequence

from kace_bridge.config.crosscheck import Documents, Names
from kace_bridge.config.problems import Problem, did_you_mean
from kace_bridge.config.yaml_source import Document, Path
from kace_bridge.rules.fields._registry import find_field
from kace_bridge.rules.issue import Known, Unfit
from kace_bridge.rules.schema import TeamSpec
from kace_bridge.rules.strategies.base import STRATEGIES


def team_problems(documents: Documents, names: Names) -> Iterator[Problem]:
    """What is wrong with the teams of all *documents*."""
    for document, model in documents:
        for name, team in (model.teams if model else {}).items():
            at = ("teams", name)
            yield from _strategy(document, (*at, "pick"), team.pick, sorted(STRATEGIES))
            if (
                team.calendar
                and names.calendars is not None
                and team.calendar not in names.calendars
            ):
                yield Problem(
                    document.place((*at, "calendar")), f"unknown calendar '{team.calendar}'",
                    did_you_mean(team.calendar, names.calendars),
                )  # fmt: skip
            yield from _strangers(document, at, team)
            yield from _map_problems(document, at, team, names.known())


def _strategy(document: Document, at: Path, name: str, known: Sequence[str]) -> Iterator[Problem]:
    if name not in known:
        yield Problem(document.place(at), f"unknown strategy '{name}'", did_you_mean(name, known))


def _strangers(document: Document, at: Path, team: TeamSpec) -> Iterator[Problem]:
    """People named by a strategy who could never be picked."""
    members = {user.casefold() for user in team.members}
    named = [((*at, "weights", user), user, True) for user in team.weights]
    if team.rotation:
        days = team.rotation.overrides.items()
        named += [((*at, "rotation", "overrides", day), user, False) for day, user in days]
    if team.mapped:
        values = team.mapped.values.items()
        named += [((*at, "map", "values", value), user, False) for value, user in values]
    for path, user, is_key in named:
        if user.casefold() not in members:
            place = document.key_place(path) if is_key else document.place(path)
            cure = did_you_mean(user, team.members) or "Only members are picked; add them"
            yield Problem(place, f"'{user}' is no member of the team", cure)


def _map_problems(document: Document, at: Path, team: TeamSpec, known: Known) -> Iterator[Problem]:
    if team.mapped is None:
        if team.pick == "by_field":
            cure = "Write map: {field: category, values: {Network: LOGIN}}"
            yield Problem(document.place((*at, "pick")), "'by_field' needs a 'map'", cure)
        return
    if team.pick != "by_field":
        yield Problem(
            document.key_place((*at, "map")), f"'map' is of no use to '{team.pick}'",
            "Write pick: by_field",
        )  # fmt: skip
    others = sorted(STRATEGIES.keys() - {"by_field"})
    yield from _strategy(document, (*at, "map", "else"), team.mapped.otherwise, others)
    try:
        find_field(team.mapped.field, known)
    except Unfit as refused:
        yield Problem(document.place((*at, "map", "field")), refused.message, refused.fix)
