"""Read message templates: those that come with the program, and the site's own over them."""

from importlib import resources
from pathlib import Path

from kace_bridge.config.problems import Place, Problem
from kace_bridge.errors import ConfigError

_SUFFIXES = {".txt": "", ".html": ".html"}
_LARGEST = 1024 * 1024


def load_templates(folder: Path | None) -> dict[str, str]:
    """Template sources by name, as `kace_bridge.rules.template.Templates` takes them.

    ``NAME.txt`` in *folder* replaces the built-in NAME or adds one, ``NAME.html`` is its HTML
    part; other files are left alone. Raises ConfigError, with every file that cannot be read.
    """
    found = _built_in()
    if folder is None:
        return found
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix in _SUFFIXES)
    except OSError as error:
        fault = error.strerror or type(error).__name__
        message = f"the template folder {folder} cannot be read ({fault})"
        raise ConfigError(
            [Problem(None, message, "Create it, or leave 'templates' out.")]
        ) from error
    problems: list[Problem] = []
    for path in paths:
        if not path.stem.startswith("."):
            _read_into(found, path, problems)
    if problems:
        raise ConfigError(problems)
    return found


def _built_in() -> dict[str, str]:
    folder = resources.files("kace_bridge.rules") / "templates"
    files = (entry for entry in folder.iterdir() if entry.name.endswith(".txt"))
    return {file.name.removesuffix(".txt"): file.read_text(encoding="utf-8") for file in files}


def _read_into(found: dict[str, str], path: Path, problems: list[Problem]) -> None:
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
    if path.suffix == ".txt" and path.stem in found:
        # An own text goes with its own HTML, never with the HTML of the one it replaces.
        found.pop(path.stem + ".html", None)
    found[path.stem + _SUFFIXES[path.suffix]] = source
