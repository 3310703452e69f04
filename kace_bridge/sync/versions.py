"""Another version of the rules: a file, a folder, or a revision of the git repository they are in.

A revision is unpacked into a temporary folder; the repository and its work tree are only read.
"""

import io
import subprocess
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from kace_bridge.config.load import Site, load
from kace_bridge.errors import UsageError

MAIN = "rules.yaml"
PATIENCE_S = 60


@contextmanager
def open_version(name: str, config: Path, environ: Mapping[str, str]) -> Iterator[Site]:
    """The configuration that *name* means, read without secrets.

    What exists as a file or folder is that; anything else is taken for a revision of the
    repository *config* is in (``main``, ``HEAD~3``, ``v1.2``). Raises UsageError where it is
    neither, ConfigError with every problem of the version.
    """
    path = Path(name)
    if name and path.is_dir():
        path = path / config.name if (path / config.name).exists() else path / MAIN
    if name and path.exists():
        yield load(path, environ=environ, secrets=False)
        return
    top = _git(config, "rev-parse", "--show-toplevel").decode().strip()
    revision = _revision(name, config)
    below = config.resolve().parent.relative_to(Path(top).resolve())
    archive = _git(Path(top) / MAIN, "archive", "--format=tar", revision, "--", str(below))
    with TemporaryDirectory(prefix="kace-bridge-") as folder:
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            tar.extractall(folder, filter="data")
        found = Path(folder) / below / config.name
        if not found.exists():
            raise UsageError(f"revision {name} holds no {below / config.name}")
        yield load(found, environ=environ, secrets=False)


def _revision(name: str, config: Path) -> str:
    try:
        found = _git(
            config, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"
        )
    except UsageError:
        raise UsageError(
            f"'{name}' is no file, no folder and no revision of the repository {config} is in"
        ) from None
    return found.decode().strip()


def _git(config: Path, *words: str) -> bytes:
    """What git answers in the folder of *config*. Raises UsageError where it does not."""
    folder = config.resolve().parent
    command = ["git", "-C", str(folder), *words]
    try:
        done = subprocess.run(  # noqa: S603 -- words are ours; a name follows --end-of-options
            command, capture_output=True, timeout=PATIENCE_S, check=False
        )
    except FileNotFoundError as error:
        raise UsageError("git is not installed: name files or folders instead") from error
    except subprocess.TimeoutExpired as error:
        raise UsageError(f"git did not answer within {PATIENCE_S} s") from error
    if done.returncode:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["it said nothing"]
        raise UsageError(f"git refuses in {folder}: {lines[0]}")
    return done.stdout
