"""History sentences in the appliance's language. Never meant to be parsed by a client."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    created: str
    changed: str  # {field} {before} {after}
    unassigned: str
    nothing: str
    approved: str
    rejected: str
    cleared: str


LANGUAGES = {
    "en": Words(
        "Ticket Created",
        'Changed ticket {field} from "{before}" to "{after}".',
        "Unassigned",
        "",
        "Ticket approved.",
        "Ticket rejected.",
        "Ticket approval cleared.",
    ),
    "pt": Words(
        "Tíquete criado",
        'Campo {field} do tíquete alterado de "{before}" para "{after}".',
        "Não atribuído",
        "",
        "Tíquete aprovado.",
        "Tíquete rejeitado.",
        "Aprovação do tíquete removida.",
    ),
    "de": Words(
        "Ticket erstellt",
        '{field} des Tickets von "{before}" in "{after}" geändert.',
        "Nicht zugewiesen",
        "",
        "Ticket genehmigt.",
        "Ticket abgelehnt.",
        "Genehmigung des Tickets gelöscht.",
    ),
}

FIELD_NAMES = {
    "title": "Title",
    "summary": "Summary",
    "resolution": "Resolution",
    "cc_list": "CC List",
    "due_date": "Due Date",
    "is_manual_due_date": "Manual Due Date",
    "owner": "Owner",
    "submitter": "Submitter",
    "approver": "Approver",
    "status": "Status",
    "priority": "Priority",
    "category": "Category",
    "impact": "Impact",
    "machine": "Device",
    "asset": "Asset",
    "hd_queue_id": "Queue",
    "related_tickets": "See Also",
}
LOCAL_NAMES = {
    "pt": {"owner": "Proprietário", "status": "Status", "priority": "Prioridade",
           "category": "Categoria", "impact": "Impacto", "hd_queue_id": "Fila",
           "title": "Título", "summary": "Resumo", "resolution": "Resolução"},
    "de": {"owner": "Besitzer", "status": "Status", "priority": "Priorität",
           "category": "Kategorie", "impact": "Auswirkung", "hd_queue_id": "Warteschlange",
           "title": "Titel", "summary": "Zusammenfassung", "resolution": "Lösung"},
}  # fmt: skip


def words_of(locale: str) -> Words:
    return LANGUAGES[locale]


def describe_changes(locale: str, changed: dict[str, tuple[str, str]]) -> str:
    """One sentence per changed field, one per line."""
    words = LANGUAGES[locale]
    names = FIELD_NAMES | LOCAL_NAMES.get(locale, {})
    lines = []
    for key, (before, after) in changed.items():
        empty = words.unassigned if key in ("owner", "submitter", "approver") else words.nothing
        lines.append(
            words.changed.format(
                field=names.get(key) or key.replace("_", " ").title(),
                before=before or empty,
                after=after or empty,
            )
        )
    return "\n".join(lines)
