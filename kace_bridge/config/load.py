"""From files to a checked site: settings, rule set, channels, tests; every problem at once."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from kace_bridge.config.build import build_rules, known_names
from kace_bridge.config.channels import build_channels
from kace_bridge.config.ical import closed_dates
from kace_bridge.config.problems import Place, Problem
from kace_bridge.config.settings import SettingsFile, languages_of
from kace_bridge.config.templates import load_templates
from kace_bridge.config.validate import validate
from kace_bridge.config.yaml_source import Document, read_file
from kace_bridge.errors import ConfigError
from kace_bridge.notify.channels import Channel
from kace_bridge.rules.ruleset import RuleSet
from kace_bridge.rules.schema import RuleFile
from kace_bridge.rules.template import Templates


@dataclass(frozen=True, slots=True)
class TestCase:
    """One entry of ``tests:`` as written, with the place it stands."""

    __test__ = False
    place: str
    data: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Site:
    """A configuration that can be used."""

    path: Path
    settings: SettingsFile
    rules: RuleSet
    channels: Mapping[str, Channel]
    tests: tuple[TestCase, ...]
    files: tuple[str, ...]
    config_hash: str
    warnings: tuple[Problem, ...] = ()

    @property
    def folder(self) -> Path:
        """Where relative paths of the configuration start."""
        return self.path.parent


@dataclass(slots=True)
class _Reading:
    """What is being gathered while files are read."""

    documents: list[tuple[Document, RuleFile | None]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unreadable: bool = False
    texts: "hashlib._Hash" = field(default_factory=hashlib.sha256)


def load(path: Path, *, environ: Mapping[str, str], secrets: bool = True) -> Site:
    """Read *path* and everything it includes.

    With *secrets* false, values that come from the environment or from files may be missing:
    enough for checking and testing rules. Raises ConfigError with every problem of every file.
    """
    site, problems = read_site(path, environ=environ, secrets=secrets)
    errors = [problem for problem in problems if problem.severity == "error"]
    if site is None or errors:
        raise ConfigError(errors)
    return site


def read_site(
    path: Path, *, environ: Mapping[str, str], secrets: bool = True
) -> tuple[Site | None, list[Problem]]:
    """The site and the problems found; no site where there are errors."""
    reading = _Reading()
    settings = _read_main(path, reading)
    folder = path.parent
    templates = _templates(settings, folder, reading)
    channels, found = build_channels(
        reading.documents, environ=environ, folder=folder, secrets=secrets
    )
    reading.problems += found
    names = known_names(reading.documents, whole=not reading.unreadable)
    closed = closed_dates(reading.documents, folder, reading.problems, reading.texts.update)
    rules, found = build_rules(reading.documents, settings, names, templates, channels, closed)
    reading.problems += found
    problems = sorted(set(reading.problems))
    if settings is None or rules is None or any(p.severity == "error" for p in problems):
        return None, problems
    site = Site(
        path=path,
        settings=settings,
        rules=rules,
        channels=channels,
        tests=tuple(_tests(reading)),
        files=tuple(document.file for document, _ in reading.documents),
        config_hash=reading.texts.hexdigest()[:16],
        warnings=tuple(problems),
    )
    return site, problems


def _read_main(path: Path, reading: _Reading) -> SettingsFile | None:
    if not path.exists():
        fix = "Name your site's with -c FILE or KACE_BRIDGE_CONFIG, or run 'kace-bridge init' here"
        reading.problems.append(Problem(None, f"{path}: no such configuration file", fix))
        return None
    document = _read(path, path.name, reading)
    if document is None:
        return None
    settings, problems = validate(SettingsFile, document)
    reading.problems += problems
    reading.documents.append((document, settings))
    for included in _included(path.parent, document, reading):
        found = _read(included, included.relative_to(path.parent).as_posix(), reading)
        if found is not None:
            model, problems = validate(RuleFile, found)
            reading.problems += [_in_main(problem) for problem in problems]
            reading.documents.append((found, model))
    return settings


def _in_main(problem: Problem) -> Problem:
    """*problem* of an included file, told where the key would be right."""
    settings = SettingsFile.model_fields.keys() - RuleFile.model_fields.keys()
    main = {f"unknown key '{key}'" for key in settings}
    if problem.message not in main:
        return problem
    return replace(problem, fix="It belongs into the main file")


def _read(path: Path, shown: str, reading: _Reading) -> Document | None:
    document, problems = read_file(path, shown)
    reading.problems += problems
    if document is None or not isinstance(document.data, dict):
        reading.unreadable = True
        if document is not None:
            reading.problems.append(
                Problem(document.place(()), "the file must be a mapping of keys to values")
            )
        return None
    reading.texts.update(path.read_bytes())
    return document


def _included(folder: Path, document: Document, reading: _Reading) -> Iterator[Path]:
    patterns = document.data.get("include", []) if isinstance(document.data, dict) else []
    seen: set[Path] = set()
    for number, pattern in enumerate(patterns if isinstance(patterns, list) else []):
        if not isinstance(pattern, str):
            continue
        place = document.place(("include", number))
        if pattern.startswith(("/", "~")) or ".." in pattern:
            reading.problems.append(
                Problem(place, f"'{pattern}' leaves the configuration's folder", "Move it inside")
            )
            continue
        try:
            found = sorted(path for path in folder.glob(pattern) if path.is_file())
        except (ValueError, NotImplementedError, OSError):
            fix = "Write a file, or a pattern such as rules/*.yaml"
            reading.problems.append(Problem(place, f"'{pattern}' names no files", fix))
            continue
        if not found:
            reading.problems.append(
                Problem(place, f"nothing matches '{pattern}'", f"It is looked for in {folder}")
            )
        for path in found:
            if path not in seen:
                seen.add(path)
                yield path


def _templates(settings: SettingsFile | None, folder: Path, reading: _Reading) -> Templates:
    """Every template, faulty ones too; where the site's cannot be read, those that come along."""
    named = settings.templates if settings else None
    languages = languages_of(settings.desk.language if settings else "en")
    try:
        sources = load_templates(folder / named if named else None, languages.used)
        templates = Templates(sources, languages.default)
    except ConfigError as refused:
        place = reading.documents[0][0].place(("templates",))
        found = [each for each in refused.problems if isinstance(each, Problem)]
        reading.problems += [replace(each, place=each.place or place) for each in found]
        return Templates(load_templates(None))
    for name, line, message in templates.problems():
        file = name if name.endswith(".html") else f"{name}.txt"
        place = Place(f"{named}/{file}" if named else file, line, 1)
        reading.problems.append(Problem(place, message))
    return templates


def _tests(reading: _Reading) -> Iterator[TestCase]:
    for document, model in reading.documents:
        for number, data in enumerate(model.tests if model else []):
            yield TestCase(document.place(("tests", number)).short, data)
