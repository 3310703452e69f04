"""Problems of rule files written as text, as ``rules check`` would print them."""

from pathlib import Path

from kace_bridge.config.load import read_site


def problems_of(folder: Path, **files: str) -> list[str]:
    """Every problem of ``rules.yaml`` (the file ``rules``) and of what it includes."""
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    _, problems = read_site(folder / "rules.yaml", environ={}, secrets=False)
    return [str(problem) for problem in problems]
