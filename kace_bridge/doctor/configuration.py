"""The configuration: does it load, and whom does it log in as?"""

from collections.abc import Mapping
from pathlib import Path

from kace_bridge.config.light import Account, account_of, read_account
from kace_bridge.config.load import Site, read_site
from kace_bridge.config.problems import Problem
from kace_bridge.doctor.check import Check, error, ok, warning
from kace_bridge.errors import ConfigError

BROKEN = ConfigError.exit_code


def check_configuration(path: Path, environ: Mapping[str, str]) -> tuple[Site | None, list[Check]]:
    """The site, where there are no errors, and one check for each error."""
    site, problems = read_site(path, environ=environ)
    if site is None:
        return None, [_mistake(each) for each in problems if each.severity == "error"]
    rules = site.rules
    numbers = f"{len(rules.rules)} rules, {len(rules.teams)} teams, {len(site.files)} files"
    return site, [ok("configuration", f"{site.path} loads: {numbers}"), check_rules(site)]


def check_rules(site: Site) -> Check:
    """What ``rules check`` would warn of, in one line, and whether the rules may write."""
    found = len(site.warnings)
    count = f"{found} warning{'s' if found != 1 else ''}"
    if found:
        return warning("rules", f"no mistakes, {count}", "read them: kace-bridge rules check")
    if site.settings.mode != "enforce":
        said = f"no mistakes; mode {site.settings.mode}: nothing is written or sent"
        return ok("rules", said, "set mode: enforce when you trust them")
    return ok("rules", "no mistakes, no warnings")


def check_account(
    site: Site | None, path: Path, environ: Mapping[str, str]
) -> tuple[Account | None, list[Check]]:
    """The account, also where the rules have mistakes; a check for each value that is not set."""
    try:
        if site is None:
            return read_account(path, environ), []
        spec = site.settings.appliance
        return account_of(spec, file=path.name, folder=site.folder, environ=environ), []
    except ConfigError as fault:
        return None, [_mistake(each) for each in fault.problems]


def _mistake(problem: object) -> Check:
    if not isinstance(problem, Problem):
        return error("configuration", str(problem), "", BROKEN)
    where = f"{problem.place}: " if problem.place else ""
    return error("configuration", where + problem.message, problem.fix, BROKEN)
