"""What a message template may contain: names and filters, nothing that computes.

Judged on the parsed template before it is compiled, so that a refusal has a line and nothing
of a refused template ever runs. There are no loops, calls or arithmetic to run away with.
"""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from jinja2 import nodes

from kace_bridge.rules.template_filters import FILTERS
from kace_bridge.rules.template_variables import VARIABLES

TESTS = frozenset({"defined", "none", "undefined"})
_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.Getattr,
    nodes.Getitem, nodes.Filter, nodes.Test, nodes.Compare, nodes.Operand, nodes.And, nodes.Or,
    nodes.Not, nodes.CondExpr, nodes.If, nodes.Tuple, nodes.List, nodes.Keyword, nodes.Pair,
)  # fmt: skip
_ROOTS = frozenset(name.partition(".")[0] for name in VARIABLES)
_DEEPEST = 30

Found = tuple[int, str]


def refusals(tree: nodes.Template) -> list[Found]:
    """Every (line, message) for which the template *tree* is refused; empty when it is fine."""
    return list(dict.fromkeys(_walk(tree, 1, 0)))


def _walk(node: nodes.Node, line: int, depth: int) -> Iterator[Found]:
    # Nodes that the parser makes up carry no line; that of something inside is near enough.
    inside = (found.lineno for found in node.find_all(nodes.Node) if found.lineno)
    line = node.lineno or next(inside, line)
    if depth > _DEEPEST:
        yield line, "this is nested too deeply"
        return
    if not isinstance(node, _ALLOWED):
        yield line, _not_here(node)
        return
    if isinstance(node, nodes.Getattr | nodes.Getitem | nodes.Name):
        path = _path(node)
        yield from _judge_name(path, line)
        if path is not None:
            return
    elif isinstance(node, nodes.Filter) and node.name not in FILTERS:
        yield line, f"unknown filter '{node.name}'. {_suggest(node.name, FILTERS)}"
    elif isinstance(node, nodes.Test) and node.name not in TESTS:
        yield line, f"unknown test '{node.name}'. {_suggest(node.name, TESTS)}"
    for child in node.iter_child_nodes():
        yield from _walk(child, line, depth + 1)


def _judge_name(path: str | None, line: int) -> Iterator[Found]:
    if path is None:
        yield line, "name a value directly, such as ticket.title"
    elif path not in VARIABLES and path not in _ROOTS:
        yield line, f"unknown name '{path}'. {_suggest(path, VARIABLES)}"


def _path(node: nodes.Node) -> str | None:
    """``ticket.title`` for that chain of names; None where it is not such a chain."""
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr):
        base, last = _path(node.node), node.attr
    elif isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
        base, last = _path(node.node), str(node.arg.value)
    else:
        return None
    return None if base is None else f"{base}.{last}"


def _not_here(node: nodes.Node) -> str:
    if isinstance(node, nodes.For):
        return "loops are not available in message templates"
    if isinstance(node, nodes.Call):
        return "nothing can be called in message templates; use a filter"
    if isinstance(node, nodes.BinExpr):
        return "message templates do not calculate; put values side by side in the text"
    return f"'{type(node).__name__.lower()}' is not available in message templates"


def _suggest(word: str, known: Iterable[str]) -> str:
    names = sorted(known)
    close = get_close_matches(word[:80], names, 1)
    if close:
        return f"Did you mean '{close[0]}'?"
    return f"Known: {', '.join(names)}." if len(names) < 10 else "See docs/messages.md."
