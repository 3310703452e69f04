"""The command ``rules test``: the tests beside the rules, on the evaluator that production uses."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kace_bridge.cli.context import App, pass_app
from kace_bridge.cli.options import exit_codes, json_option
from kace_bridge.cli.output import count, print_json, shown
from kace_bridge.errors import UsageError
from kace_bridge.model.text import clean_line, clean_text

if TYPE_CHECKING:
    from kace_bridge.config.load import TestCase
    from kace_bridge.rules.selftest import Coverage, TestResult

_LONGEST = 500


@click.command("rules test", epilog=exit_codes(0, 1, 2, 78, _0="all passed", _1="a test failed"))
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--coverage", "with_coverage", is_flag=True, help="Name the rules no test reaches.")
@click.option("--junit", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False),
              help="Also write the results as JUnit XML, for build servers.")  # fmt: skip
@json_option
@pass_app
def rules_test(
    app: App, names: tuple[str, ...], with_coverage: bool, junit: Path | None, as_json: bool
) -> int:
    """Run the tests written beside the rules. Nothing is asked of the appliance.

    NAME is a part of a test's name, or the file it stands in; without one, all are run.
    With -v the story of every test is told, not only of those that fail.

    \b
    Examples:
      kace-bridge rules test
      kace-bridge rules test vip
      kace-bridge rules test rules/route.yaml --coverage
      kace-bridge rules test --junit rules.xml
      kace-bridge rules test --json
    """
    from kace_bridge.rules.selftest import coverage, run_tests

    site = app.site(secrets=False)
    results = run_tests(site.rules, _chosen(site.tests, names))
    covered = coverage(site.rules, results) if with_coverage else None
    failed = sum(not result.passed for result in results)
    if junit is not None:
        junit.write_bytes(as_junit(results))
    if as_json:
        _print_json(results, covered, failed)
    else:
        _print(app, results, covered, failed)
    return 1 if failed else 0


def as_junit(results: "Sequence[TestResult]") -> bytes:
    """The results as JUnit XML: one suite per file, a failure with its reasons and its story."""
    from xml.etree.ElementTree import Element, SubElement, tostring

    top = Element("testsuites", name="kace-bridge rules test")
    suites: dict[str, Element] = {}
    for result in results:
        file, _, line = result.place.rpartition(":")
        if file not in suites:
            suites[file] = SubElement(top, "testsuite", name=file)
        name = clean_line(result.name, _LONGEST)
        case = SubElement(suites[file], "testcase", name=name, file=file, line=line)
        if not result.passed:
            reasons = [clean_line(failure, _LONGEST) for failure in result.failures]
            told = SubElement(case, "failure", message="; ".join(reasons))
            told.text = clean_text("\n".join([*reasons, result.trace]))
    for suite in suites.values():
        suite.set("tests", str(len(suite)))
        suite.set("failures", str(len(suite.findall("testcase/failure"))))
    return bytes(tostring(top, encoding="utf-8", xml_declaration=True))


def _chosen(tests: "tuple[TestCase, ...]", names: tuple[str, ...]) -> "list[TestCase]":
    chosen = []
    for test in tests:
        words = f"{test.data.get('name', '')} {test.place}".casefold()
        if not names or any(name.casefold() in words for name in names):
            chosen.append(test)
    if names and not chosen:
        raise UsageError(f"no test is named like {', '.join(names)}; 'rules test' runs all")
    return chosen


def _print(
    app: App, results: "Sequence[TestResult]", covered: "Coverage | None", failed: int
) -> None:
    for result in results:
        if result.passed and app.verbosity <= 0:
            continue
        word, colour = ("ok", "green") if result.passed else ("failed", "red")
        click.echo(click.style(word, fg=colour) + f"  {result.place}: {shown(result.name)}")
        for failure in result.failures:
            click.echo(f"    {clean_line(failure, _LONGEST)}")
        if result.trace:
            click.echo("    what happened:")
        for line in result.trace.splitlines():
            click.echo(f"      {clean_line(line, _LONGEST)}")
    if covered is not None:
        reached = len(covered.fired)
        app.say(f"{reached} of {reached + len(covered.missing)} rules and levels are tested")
        for name in covered.missing:
            app.say(f"  not tested: {name}")
    passed = len(results) - failed
    if not results:
        app.say("No tests. Write some under 'tests:' beside the rules.")
    elif failed:
        click.echo(f"{count(failed, 'test')} failed, {passed} passed")
    else:
        app.say(f"{count(passed, 'test')} passed")


def _print_json(results: "Sequence[TestResult]", covered: "Coverage | None", failed: int) -> None:
    data: dict[str, object] = {
        "passed": len(results) - failed,
        "failed": failed,
        "tests": [
            {
                "name": result.name, "place": result.place, "passed": result.passed,
                "failures": list(result.failures), "trace": result.trace.splitlines(),
            }
            for result in results
        ],
    }  # fmt: skip
    if covered is not None:
        data["coverage"] = {"tested": list(covered.fired), "not_tested": list(covered.missing)}
    print_json(data)
