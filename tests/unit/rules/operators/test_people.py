"""in_team, not_in_team, in_group, not_in_group, is_member."""
# ruff: noqa: E501 (in a table, one case is one line)

import pytest

from tests.unit.rules.operators.rows import Row
from tests.unit.rules.picture import make_event, make_facts, make_ticket, refuse

LEAD = make_facts(make_ticket(owner={"user_name": "GCHO"}))
NO_OWNER = make_facts(make_ticket(owner=None))
NOT_SENT = make_facts(event=None)
VIP = make_facts(make_ticket(submitter={"user_name": "Provost"}))
EXEC = make_facts(make_ticket(submitter={"user_name": "x", "email": "X@Exec.example.org"}))
BARE = make_facts(make_ticket(submitter={"user_name": "stranger"}))
BY_ADIAZ = make_facts(event=make_event("commented"))
BY_NOBODY = make_facts(event=make_event("commented", author=None))

ROWS = [
    Row("a member is in the team", "owner", "in_team", "desk", "yes", detail="matched: desk"),
    Row("the lead is in the team, whatever the case", "owner", "in_team", ["desk", "network"], "yes",
        LEAD, detail="matched: network"),
    Row("a member of one team is not in another", "owner", "in_team", "network", "no"),
    Row("nobody is in no team", "owner", "in_team", "desk", "no", NO_OWNER),
    Row("an unknown author is in no known team", "author", "in_team", "desk", "unknown", BY_NOBODY),
    Row("without an event there is no author", "author", "in_team", "desk", "unknown", NOT_SENT),
    Row("outside the team", "owner", "not_in_team", "network", "yes"),
    Row("a member is not outside", "owner", "not_in_team", ["network", "desk"], "no"),
    Row("nobody is outside every team", "owner", "not_in_team", "desk", "yes", NO_OWNER),
    Row("an unknown author is not known outside", "author", "not_in_team", "desk", "unknown", BY_NOBODY),
    Row("by login name, whatever the case", "submitter", "in_group", "vip", "yes", VIP),
    Row("by e-mail pattern", "submitter", "in_group", "execs", "yes", EXEC),
    Row("by the location the desk knows", "submitter", "in_group", "annex", "yes"),
    Row("a person known not to belong", "submitter", "in_group", ["vip", "execs"], "no"),
    Row("a stranger's location is not known", "submitter", "in_group", "annex", "unknown", BARE,
        detail="not known whether stranger is in annex"),
    Row("a stranger is surely none of the named", "submitter", "in_group", "vip", "no", BARE),
    Row("outside the group", "submitter", "not_in_group", "vip", "yes"),
    Row("inside the group", "submitter", "not_in_group", "annex", "no"),
    Row("a stranger is not known outside", "submitter", "not_in_group", "execs", "unknown", BARE),
    Row("a team by name", "author", "is_member", "desk", "yes", BY_ADIAZ),
    Row("a group by name", "submitter", "is_member", ["network", "annex"], "yes"),
    Row("neither", "author", "is_member", ["network", "vip"], "no", BY_ADIAZ),
    Row("an unknown author is no known member", "author", "is_member", "desk", "unknown", BY_NOBODY),
]  # fmt: skip


@pytest.mark.parametrize(
    ("condition", "message", "cure"),
    [
        pytest.param({"owner": {"in_team": "netwrok"}}, "unknown team", "'network'", id="team"),
        pytest.param({"owner": {"in_team": "Network"}}, "unknown team", "'network'", id="case"),
        pytest.param({"submitter": {"in_group": "vips"}}, "unknown group", "'vip'", id="group"),
        pytest.param({"author": {"is_member": "vpi"}}, "no team or group", "'vip'", id="either"),
        pytest.param({"title": {"in_team": "desk"}}, "does not fit title", "contains", id="text"),
        pytest.param({"owner.team": {"is": "dekc"}}, "unknown team", "'desk'", id="team field"),
    ],
)
def test_unknown_teams_and_groups_are_refused(condition: object, message: str, cure: str) -> None:
    """A name that no file defines is a problem with a suggestion."""
    (issue,) = refuse(condition)
    assert message in issue.message
    assert cure in issue.fix
