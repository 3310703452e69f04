"""Rule sets for tests of the analysis, written as an admin would."""

from pathlib import Path

from kace_bridge.config.load import read_site
from kace_bridge.rules.analysis import Finding, analyse
from kace_bridge.rules.ruleset import RuleSet

SITE = """
teams:
  desk: {members: [adiaz, bkim]}
  network: {members: [fruiz], lead: gcho}
groups:
  vip: {users: [provost, president]}
  execs: {email: "*@exec.example.org"}
  annex: {location: Annex}
clocks:
  respond: {start: created, stop: first_staff_reply, target: 1d}
  asking: {start: {status: [Need More Info]}, stop: submitter_reply}
  waiting: {start: {status: [Waiting on Customer]}, stop: submitter_reply}
  shut: {start: {state: closed}, stop: {status: [Opened]}}
  again: {start: reopened, stop: closed}
  aimless: {start: created, stop: closed}
"""


def read_rules(folder: Path, text: str) -> RuleSet:
    """The rule set of SITE and *text*; fails the test where that is refused."""
    path = folder / "rules.yaml"
    path.write_text(SITE + text, encoding="utf-8")
    site, problems = read_site(path, environ={}, secrets=False)
    assert site is not None, [str(problem) for problem in problems]
    return site.rules


def find(folder: Path, text: str, *kinds: str) -> list[Finding]:
    """What analysing *text* finds, of some *kinds* only."""
    return [each for each in analyse(read_rules(folder, text)) if each.kind in kinds]
