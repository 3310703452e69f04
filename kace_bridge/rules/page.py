"""The rules as one web page: sentences, the drawing, clocks and teams. Self-contained."""

from collections.abc import Iterator
from html import escape
from itertools import groupby

from kace_bridge.model.text import PAGE_POLICY
from kace_bridge.rules.describe import PHASE_WORDS, Description, RuleText, describe
from kace_bridge.rules.flow import draw
from kace_bridge.rules.ruleset import RuleSet

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #1d2733; margin: 2rem auto; max-width: 1120px;
  padding: 0 1rem }
h1 { font-size: 1.8rem; margin: 0 0 .3rem } h2 { font-size: 1.3rem; margin: 2.2rem 0 .3rem }
h3 { font-size: 1rem; margin: 1.1rem 0 .1rem } p { margin: .2rem 0 }
code, .note { color: #44546a; font-size: .85rem } code { font-family: ui-monospace, monospace }
.lead { color: #44546a } .drawing { overflow-x: auto } svg { max-width: 100%; height: auto }
section.rule { border-left: 3px solid #c8d3df; padding-left: .9rem; margin: .8rem 0 }
.classify { border-color: #2f6f9f !important } .route { border-color: #2e7d4f !important }
.escalate { border-color: #b3541e !important } .notify { border-color: #6a4c93 !important }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1.2rem; margin: .4rem 0 }
dt { font-weight: 600 } dd { margin: 0 } .steps dt { font-weight: 400; color: #b3541e }
@media print { section.rule { break-inside: avoid } }
"""


def rules_page(rules: RuleSet, *, title: str = "") -> str:
    """The whole page; *title* names the desk."""
    text = describe(rules)
    name = escape(title or rules.site.get("name", "") or "Service desk")
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'{PAGE_POLICY}<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{name}: rules</title><style>{_STYLE}</style></head><body>"
        f"<h1>{name}: rules</h1>"
        f'<p class="lead">{escape(text.mode)} {escape(text.limits)}</p>'
        f'<h2>The process</h2><div class="drawing">{draw(rules)}</div>'
        f"{''.join(_phases(text))}"
        f"<h2>Clocks</h2>{_terms(text.clocks)}<h2>Teams</h2>{_terms(text.teams)}"
        '<p class="note">Made from the rules themselves by kace-bridge rules docs.</p>'
        "</body></html>\n"
    )


def _phases(text: Description) -> Iterator[str]:
    for phase, rules in groupby(text.rules, key=lambda rule: rule.phase):
        yield f'<h2>{escape(phase)}</h2><p class="lead">{escape(PHASE_WORDS[phase])}</p>'
        yield from (_rule(rule) for rule in rules)


def _rule(rule: RuleText) -> str:
    head = escape(_upper(rule.title) or rule.id)
    steps = _terms([(step.at, step.words) for step in rule.steps], "steps") if rule.steps else ""
    notes = f'<p class="note">{escape(_upper("; ".join(rule.notes)))}.</p>' if rule.notes else ""
    return (
        f'<section class="rule {rule.phase}" id="{escape(rule.id)}"><h3>{head} '
        f"<code>{escape(rule.id)}, {escape(rule.place)}</code></h3>"
        f"<p>{escape(rule.sentence)}</p>{steps}{notes}</section>"
    )


def _terms(pairs: object, css: str = "") -> str:
    assert isinstance(pairs, list | tuple)
    rows = (f"<dt>{escape(_upper(name))}</dt><dd>{escape(words)}</dd>" for name, words in pairs)
    return f'<dl class="{css}">{"".join(rows)}</dl>'


def _upper(words: str) -> str:
    return words[:1].upper() + words[1:]
