"""The desk's figures as one HTML page that needs nothing else: no script, no picture, no network.

Colours follow the reader's preference for light or dark; every chart has its figures as text.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta, tzinfo
from html import escape

from kace_bridge.model.text import PAGE_POLICY, clean_line
from kace_bridge.report.desk import Figures

_STYLE = """
:root{--ink:#1c2430;--soft:#5b6675;--line:#dfe4ea;--back:#fff;--card:#f6f8fa;--one:#2f6fb5;--two:#8fb8de}
@media (prefers-color-scheme:dark){:root{--ink:#e6eaf0;--soft:#9aa6b5;--line:#303947;--back:#151a21;
--card:#1d242d;--one:#6aa7e8;--two:#34587f}}
*{box-sizing:border-box}
body{margin:0 auto;padding:2rem 1.25rem;max-width:60rem;background:var(--back);color:var(--ink);
font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
h1{font-size:1.5rem;margin:0}h2{font-size:1.1rem;margin:2.25rem 0 .75rem}
p{margin:.25rem 0;color:var(--soft)}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(10.5rem,1fr));gap:.75rem;margin-top:1.5rem}
.card{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:.85rem 1rem}
.card b{display:block;font-size:1.6rem;line-height:1.2}.card span{color:var(--soft);font-size:.9rem}
svg{display:block;width:100%;height:auto}svg text{fill:var(--soft);font-size:12px}
.one{fill:var(--one)}.two{fill:var(--two)}.axis{stroke:var(--line)}
table{border-collapse:collapse;width:100%}
th,td{padding:.35rem .5rem;border-bottom:1px solid var(--line)}
th{text-align:left;font-weight:600;color:var(--soft);font-size:.9rem}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
.key{display:inline-block;width:.75em;height:.75em;border-radius:2px;margin:0 .35em 0 0}
.k1{background:var(--one)}.k2{background:var(--two);margin-left:1.25em}
""".replace("\n", "")
_WIDTH, _HEIGHT, _FOOT, _SIDE = 900, 200, 22, 34


def render_page(figures: Figures, zone: tzinfo, title: str) -> str:
    """The whole page."""
    return "".join(_parts(figures, zone, escape(clean_line(title))))


def _parts(figures: Figures, zone: tzinfo, title: str) -> Iterator[str]:
    period = " to ".join(
        at.astimezone(zone).strftime("%Y-%m-%d %H:%M") for at in (figures.start, figures.end)
    )
    yield f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
    yield f'{PAGE_POLICY}<meta name="viewport" content="width=device-width,initial-scale=1">'
    yield f"<style>{_STYLE}</style></head><body>"
    yield f"<h1>{title}</h1><p>{period}</p>"
    yield '<div class="cards">'
    yield from (_card(*card) for card in _cards(figures))
    yield "</div>"
    yield "<h2>Created and closed, day by day</h2>"
    yield '<p><i class="key k1"></i>created<i class="key k2"></i>closed</p>'
    yield _bars([(day.strftime("%d %b"), made, done) for day, made, done in figures.days])
    yield "<h2>Load per engineer</h2>"
    yield _table(
        ("Engineer", "Open now", "First answers", "Closed", "of them re-opened"),
        [(e.user, e.open, e.answered, e.closed, e.reopened) for e in figures.engineers],
    )
    yield "<h2>Escalations per level</h2>"
    yield _table(
        ("Rule", "Level", "Times"),
        [(rule, level, times) for (rule, level), times in figures.escalations.items()],
        words=2,
    )
    yield "<h2>Messages</h2>"
    yield _table(("Template", "Sent"), list(figures.messages.items()))
    if figures.undelivered:
        yield f"<p>{figures.undelivered} could not be delivered.</p>"
    yield "</body></html>\n"


def _cards(figures: Figures) -> list[tuple[str, str, str]]:
    judged = figures.in_time + figures.late
    return [
        (percent(figures.in_time_share), "first answer in time",
         f"{figures.in_time} of {judged}, median {hours(figures.answer_median)}"),
        (percent(figures.first_call_share), "closed on the first call",
         f"{len(figures.first_call)} of {figures.closed}"),
        (percent(figures.reopened_share), "re-opened", f"{figures.reopened} of {figures.closed}"),
        (str(figures.created), "created", f"{figures.closed} closed, {figures.open} open"),
        (str(sum(figures.escalations.values())), "escalation levels",
         f"{len(figures.escalations)} different"),
        (str(len(figures.bounced)), "handed on too often",
         ", ".join(f"#{n}" for n in figures.bounced[:6]) or "no ticket"),
    ]  # fmt: skip


def _card(figure: str, what: str, more: str) -> str:
    return f'<div class="card"><b>{figure}</b>{what}<br><span>{more}</span></div>'


def _table(heads: Sequence[str], rows: Sequence[Sequence[object]], words: int = 1) -> str:
    """A table whose columns after the first *words* are numbers."""
    if not rows:
        return "<p>None.</p>"
    kind = ["" if column < words else ' class="n"' for column in range(len(heads))]
    head = "".join(f"<th{kind[n]}>{escape(text)}</th>" for n, text in enumerate(heads))
    body = "".join(
        "<tr>"
        + "".join(f"<td{kind[n]}>{escape(clean_line(str(v), 80))}</td>" for n, v in enumerate(row))
        + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _bars(days: Sequence[tuple[str, int, int]]) -> str:
    """Two bars a day; the figures are in the tooltip of each."""
    top = max([1, *(max(made, done) for _, made, done in days)])
    step = (_WIDTH - _SIDE) / max(1, len(days))
    every = -(-len(days) // 12) or 1
    label = "Tickets created and closed by day"
    parts = [f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT + _FOOT}" role="img" aria-label="{label}">']
    for mark in sorted({0, top // 2, top} if top > 1 else {0, 1}):
        y = _HEIGHT - mark / top * (_HEIGHT - 12)
        parts.append(f'<line class="axis" x1="{_SIDE}" x2="{_WIDTH}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text x="{_SIDE - 6}" y="{y + 4:.1f}" text-anchor="end">{mark}</text>')
    for place, (day, made, done) in enumerate(days):
        left = _SIDE + place * step
        parts.append(f"<g><title>{escape(day)}: {made} created, {done} closed</title>")
        for shift, value, kind in ((0.12, made, "one"), (0.5, done, "two")):
            height = value / top * (_HEIGHT - 12)
            parts.append(
                f'<rect class="{kind}" x="{left + shift * step:.1f}" y="{_HEIGHT - height:.1f}"'
                f' width="{step * 0.36:.1f}" height="{height:.1f}"/>'
            )
        parts.append("</g>")
        if place % every == 0:
            middle = left + step / 2
            parts.append(f'<text x="{middle:.1f}" y="{_HEIGHT + 16}" text-anchor="middle">'
                         f"{escape(day)}</text>")  # fmt: skip
    return "".join([*parts, "</svg>"])


def percent(part: float | None) -> str:
    """``93%``; a dash of nothing."""
    return "–" if part is None else f"{part:.0%}"


def hours(span: timedelta | None) -> str:
    """Working time: ``3h 5m``."""
    if span is None:
        return "–"
    whole, minutes = divmod(int(span.total_seconds()) // 60, 60)
    return f"{whole}h {minutes}m" if whole else f"{minutes}m"


__all__ = ["hours", "percent", "render_page"]
