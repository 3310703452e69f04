"""Read message templates: those that come with the program, and the site's own over them."""

from collections.abc import Collection
from importlib import resources
from pathlib import Path

from kace_bridge.config.problems import Place, Problem
from kace_bridge.errors import ConfigError

_SUFFIXES = {".txt": "", ".html": ".html"}
_LARGEST = 1024 * 1024


def load_templates(folder: Path | None, languages: Collection[str] = ()) -> dict[str, str]:
    """Template sources by name, as `kace_bridge.rules.template.Templates` takes them.

    ``NAME.txt`` in *folder* replaces the built-in NAME or adds one, ``NAME.html`` is its HTML
    part; other files are left alone. For each of *languages* (``de``) the folder of that name
    holds the same, taken as ``de/NAME``; a NAME of the site's own replaces built-in translations
    too. Raises ConfigError, with every file that cannot be read.
    """
    wanted = sorted({part for name in languages for part in (name, name.partition("-")[0])})
    found = _built_in("") | {key: text for name in wanted for key, text in _built_in(name).items()}
    if folder is None:
        return found
    problems: list[Problem] = []
    for path in _files(folder):
        for translated in [f"{name}/{path.stem}" for name in wanted]:
            found.pop(translated, None)
        _read_into(found, path, "", problems)
    for name in wanted:
        if (folder / name).is_dir():
            for path in _files(folder / name):
                _read_into(found, path, f"{name}/", problems)
    if problems:
        raise ConfigError(problems)
    return found


def _files(folder: Path) -> list[Path]:
    """The templates in *folder*; hidden files are none."""
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix in _SUFFIXES)
    except OSError as error:
        fault = error.strerror or type(error).__name__
        message = f"the template folder {folder} cannot be read ({fault})"
        raise ConfigError(
            [Problem(None, message, "Create it, or leave 'templates' out.")]
        ) from error
    return [path for path in paths if not path.stem.startswith(".")]


def _built_in(language: str) -> dict[str, str]:
    folder = resources.files("kace_bridge.rules") / "templates"
    if language:
        folder = folder / language
        if not folder.is_dir():
            return {}
    files = (entry for entry in folder.iterdir() if entry.name.endswith(".txt"))
    start = f"{language}/" if language else ""
    return {
        start + file.name.removesuffix(".txt"): file.read_text(encoding="utf-8") for file in files
    }


def _read_into(found: dict[str, str], path: Path, start: str, problems: list[Problem]) -> None:
    try:
        if path.stat().st_size > _LARGEST:
            raise ValueError("too large")
        source = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        fault = error.strerror or type(error).__name__
        problems.append(Problem(Place(str(path), 1, 1), f"cannot be read ({fault})"))
        return
    except ValueError:
        fix = "Save it as UTF-8 text, below one megabyte."
        problems.append(Problem(Place(str(path), 1, 1), "this is no template", fix))
        return
    name = start + path.stem
    if path.suffix == ".txt" and name in found:
        # An own text goes with its own HTML, never with the HTML of the one it replaces.
        found.pop(name + ".html", None)
    found[name + _SUFFIXES[path.suffix]] = source
