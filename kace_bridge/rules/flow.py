"""The incident process as a drawing: phases, rules, clocks with their levels, as inline SVG.

Drawn from the rule set alone. Texts are escaped; nothing in the drawing is fetched or run.
"""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

from kace_bridge.model.event import EventKind
from kace_bridge.rules.action_words import say_actions
from kace_bridge.rules.describe import PHASE_WORDS, Step, describe
from kace_bridge.rules.phrases import event_words
from kace_bridge.rules.ruleset import PHASES, Rule, RuleSet

WIDTH = 1120
_LEFT, _RIGHT, _HEAD = 20, 1064, 176
_LINE, _CHAR, _PAD = 18, 6.9, 10
"""Height of a line and mean width of a character at 13 px."""
_COLOURS = {"classify": "#2f6f9f", "route": "#2e7d4f", "escalate": "#b3541e", "notify": "#6a4c93"}

STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#1d2733}"
    ".q{fill:#44546a;font-size:12px}.b{font-weight:600}.k{fill:#fff;font-weight:600;font-size:15px}"
    ".w{fill:#fff}.c{fill:#fff;stroke:#9fb0c3}.l{stroke:#5b6b7f;fill:none;stroke-width:1.5}"
)


@dataclass(slots=True)
class _Sheet:
    """What is drawn so far, and how far down."""

    y: int = 20
    parts: list[str] = field(default_factory=list)

    def text(self, x: float, y: float, words: str, css: str = "", anchor: str = "start") -> None:
        name = f' class="{css}"' if css else ""
        at = f' text-anchor="{anchor}"' if anchor != "start" else ""
        self.parts.append(f'<text x="{x:g}" y="{y:g}"{name}{at}>{escape(words)}</text>')

    def lines(
        self, x: float, y: float, lines: Sequence[str], css: str = "", anchor: str = "start"
    ) -> None:
        for number, words in enumerate(lines):
            self.text(x, y + number * _LINE, words, css, anchor)

    def box(self, x: float, y: float, width: float, height: float, look: str) -> None:
        self.parts.append(
            f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="7" {look}/>'
        )

    def line(self, points: Sequence[tuple[float, float]], *, arrow: bool = True) -> None:
        path = " ".join(f"{x:g},{y:g}" for x, y in points)
        end = ' marker-end="url(#kb-tip)"' if arrow else ""
        self.parts.append(f'<polyline class="l" points="{path}"{end}/>')


def draw(rules: RuleSet) -> str:
    """The process as one ``<svg>`` element."""
    sheet = _Sheet()
    begin = [_LEFT + 420, sheet.y]
    sheet.box(begin[0], begin[1], 300, 34, 'fill="#1d2733"')
    sheet.text(begin[0] + 150, begin[1] + 22, "A ticket comes in, or moves", "w", "middle")
    sheet.y += 34
    tops = {}
    for number, phase in enumerate(PHASES, start=1):
        found = [rule for rule in rules.of(phase) if rules.mode_of(rule) != "off"]
        if not found:
            continue
        sheet.line([(_LEFT + 570, sheet.y), (_LEFT + 570, sheet.y + 24)])
        sheet.y += 26
        tops[phase] = sheet.y
        _band(sheet, rules, phase, number, found)
    _again(sheet, rules, tops)
    height = sheet.y + 20
    tip = (
        '<defs><marker id="kb-tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
        'markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="#5b6b7f"/></marker></defs>'
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}" role="img" aria-label="The incident process">'
        f"<style>{STYLE}</style>{tip}{''.join(sheet.parts)}</svg>"
    )


def _band(sheet: _Sheet, rules: RuleSet, phase: str, number: int, found: Sequence[Rule]) -> None:
    top, place = sheet.y, len(sheet.parts)
    sheet.y += 14
    question = _wrap(PHASE_WORDS[phase], _HEAD - 24)
    if phase == "escalate":
        for rule in found:
            _timeline(sheet, rules, rule)
    else:
        for position, rule in enumerate(found):
            last = position == len(found) - 1
            _row(sheet, rules, rule, position + 1, ladder=phase == "route", last=last)
    sheet.y = max(sheet.y, top + 52 + len(question) * _LINE)
    height, colour = sheet.y - top, _COLOURS[phase]
    frame = _Sheet()
    look = f'fill="{colour}" fill-opacity="0.07" stroke="{colour}" stroke-opacity="0.45"'
    frame.box(_LEFT, top, _RIGHT - _LEFT, height, look)
    frame.box(_LEFT + 12, top + 14, _HEAD - 24, 30, f'fill="{colour}"')
    frame.text(_LEFT + 24, top + 34, f"{number}  {phase}", "k")
    frame.lines(_LEFT + 14, top + 64, question, "q")
    sheet.parts[place:place] = frame.parts


def _row(
    sheet: _Sheet, rules: RuleSet, rule: Rule, number: int, *, ladder: bool, last: bool
) -> None:
    """One rule: what it waits for on the left, what it does on the right."""
    x, wide, gap = _LEFT + _HEAD + 10, 386, 56
    other = x + wide + gap
    room = _RIGHT - 14 - other
    told = event_words(rule.event, rules.teams) if rule.event else "anything new"
    name = _upper(rule.title) or rule.id
    head = _wrap(f"{number}. {name}" if ladder else name, wide)
    when = _wrap(f"{'on trial; ' if rules.mode_of(rule) == 'shadow' else ''}{told}", wide)
    does = _wrap(_upper(say_actions(rules, rule.actions)), room)
    height = max(len(head) + len(when), len(does)) * _LINE + 2 * _PAD
    colour = _COLOURS[rule.phase]
    sheet.box(x, sheet.y, wide, height, f'fill="#fff" stroke="{colour}"')
    sheet.lines(x + _PAD, sheet.y + _PAD + 12, head, "b")
    sheet.lines(x + _PAD, sheet.y + _PAD + 12 + len(head) * _LINE, when, "q")
    sheet.line([(x + wide, sheet.y + height / 2), (other - 2, sheet.y + height / 2)])
    sheet.box(other, sheet.y, room, height, 'class="c"')
    sheet.lines(other + _PAD, sheet.y + (height - len(does) * _LINE) / 2 + 13, does)
    if ladder:
        sheet.text(x + wide + 15, sheet.y + height / 2 - 5, "yes", "q")
    sheet.y += int(height)
    if ladder and not last:
        sheet.line([(x + 40, sheet.y), (x + 40, sheet.y + 20)])
        sheet.text(x + 48, sheet.y + 14, "no", "q")
        sheet.y += 22
    else:
        sheet.y += 12


def _timeline(sheet: _Sheet, rules: RuleSet, rule: Rule) -> None:
    """One escalation: its clock as a line, its levels on it."""
    x, end = _LEFT + _HEAD + 10, _RIGHT - 24
    words = next(each for each in describe(rules).rules if each.id == rule.id)
    sheet.text(x, sheet.y + 14, _upper(rule.title) or rule.id, "b")
    condition = words.sentence.removeprefix(f"On the clock {rule.clock}").strip(",: ")
    note = f"clock {rule.clock}" + (f", {condition}" if condition else "")
    lines = _wrap(note, end - x)
    sheet.lines(x, sheet.y + 14 + _LINE, lines, "q")
    line = sheet.y + 14 + (len(lines) + 1) * _LINE + 16
    sheet.line([(x + 6, line), (end, line)])
    sheet.parts.append(f'<circle cx="{x + 6}" cy="{line}" r="4" fill="#5b6b7f"/>')
    share = (end - x - 40) / max(1, len(words.steps))
    deepest = 0
    for number, step in enumerate(words.steps):
        deepest = max(deepest, _level(sheet, step, x + 30 + share * number, line, share))
    sheet.y = int(line + 14 + deepest * _LINE + 22)


def _level(sheet: _Sheet, step: Step, x: float, line: float, share: float) -> int:
    colour = _COLOURS["escalate"]
    sheet.parts.append(f'<circle cx="{x + 10:g}" cy="{line:g}" r="7" fill="{colour}"/>')
    sheet.text(x + 22, line - 9, step.at, "b")
    lines = _wrap(step.words, share - 14)
    sheet.lines(x + 4, line + 26, lines)
    return len(lines)


def _again(sheet: _Sheet, rules: RuleSet, tops: dict[str, int]) -> None:
    """The way back: a re-opened ticket is routed again."""
    back = any(rule.event and EventKind.REOPENED in rule.event.kinds for rule in rules.of("route"))
    if not back or "route" not in tops or len(tops) < 2:
        return
    x, top, bottom = _RIGHT + 24, tops["route"] + 30, sheet.y - 30
    sheet.line([(_RIGHT, bottom), (x, bottom), (x, top), (_RIGHT + 2, top)])
    middle = (top + bottom) / 2
    sheet.parts.append(
        f'<text class="q" transform="translate({x + 16} {middle:g}) rotate(-90)" '
        'text-anchor="middle">re-opened: routed again, escalations start over</text>'
    )


def _wrap(words: str, width: float) -> list[str]:
    room = max(8, int((width - 2 * _PAD) / _CHAR))
    return textwrap.wrap(words, room, break_on_hyphens=False) or [""]


def _upper(words: str) -> str:
    return words[:1].upper() + words[1:]
