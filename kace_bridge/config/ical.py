"""Closed days that a calendar takes from iCalendar files beside the configuration."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path

from kace_bridge.config.problems import Place, Problem
from kace_bridge.config.yaml_source import Document
from kace_bridge.rules.schema import RuleFile
from kace_bridge.sla.ical import closed_days

_LARGEST = 1024 * 1024


def closed_dates(
    documents: Sequence[tuple[Document, RuleFile | None]],
    folder: Path,
    problems: list[Problem],
    seen: Callable[[bytes], None],
) -> dict[str, frozenset[date]]:
    """The dates closed by files, by calendar; what cannot be read is added to *problems*.

    Files are looked for in *folder*, the main file's. *seen* is given each file's bytes, so that
    the configuration counts as changed when one of them is.
    """
    found: dict[str, frozenset[date]] = {}
    for document, model in documents:
        for name, spec in model.calendars.items() if model is not None else ():
            days: set[date] = set()
            for number, file in enumerate(spec.ical):
                place = document.place(("calendars", name, "ical", number))
                days.update(_read(folder, file, place, problems, seen))
            found[name] = frozenset(days)
    return found


def _read(
    folder: Path, file: str, place: Place, problems: list[Problem], seen: Callable[[bytes], None]
) -> Iterator[date]:
    if Path(file).is_absolute() or ".." in Path(file).parts:
        fix = "Move it inside"
        problems.append(Problem(place, f"'{file}' leaves the configuration's folder", fix))
        return
    try:
        with (folder / file).open("rb") as stream:
            data = stream.read(_LARGEST + 1)
        if len(data) > _LARGEST:
            raise ValueError("it is larger than 1 MiB")
        days = closed_days(data.decode("utf-8-sig"))
    except OSError as error:
        fault = error.strerror or type(error).__name__
        fix = f"It is looked for in {folder}"
        problems.append(Problem(place, f"'{file}' cannot be read ({fault})", fix))
    except UnicodeDecodeError:
        problems.append(Problem(place, f"'{file}' is not UTF-8", "Export it again as iCalendar"))
    except ValueError as error:
        problems.append(Problem(place, f"'{file}': {error}", "Export it again as iCalendar"))
    else:
        seen(data)
        yield from days
