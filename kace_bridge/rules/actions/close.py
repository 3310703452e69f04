"""The action ``close``."""

from html import escape
from typing import ClassVar, Self

from pydantic import Field, model_validator

from kace_bridge.model.effect import AddComment
from kace_bridge.model.text import clean_text
from kace_bridge.rules.actions.base import Action, Lowered, References, Scene
from kace_bridge.rules.actions.comment import MAX_COMMENT
from kace_bridge.rules.facts import Facts


class Close(Action):
    """Close the ticket with a resolution, plain or from a template.

    ``status`` names the site's closed status; ``public: true`` puts the text into a public
    comment too. A resolution that somebody has written stays. A closed ticket is left alone.

    Example:
        close: {resolution: "No answer in ten working days.", public: true}
    """

    verb: ClassVar[str] = "close"
    order: ClassVar[int] = 7
    resolution: str | None = Field(None, min_length=1)
    template: str | None = None
    status: str = Field("Closed", min_length=1)
    public: bool = False

    @classmethod
    def shape(cls, data: object) -> object:
        return {"resolution": data} if isinstance(data, str) else data

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.resolution is None) == (self.template is None):
            raise ValueError("'close' needs either 'resolution' or 'template', and not both")
        return self

    def lower(self, facts: Facts, scene: Scene) -> Lowered:
        ticket = facts.ticket
        if ticket.state == "closed" or ticket.value("status") == self.status:
            return Lowered(notes=({"close": "already closed"},))
        text = self.resolution or ""
        if self.template is not None:
            _, text, _ = scene.render(self.template, scene.variables(facts, ""))
        text = text.strip()[:MAX_COMMENT]
        values = {"status": self.status}
        notes: tuple[dict[str, str], ...] = ()
        if ticket.resolution:
            notes = ({"close": "the resolution that was there stays"},)
        else:
            values["resolution"] = as_markup(text)
        comments = (AddComment(ticket.id, text, public=True),) if self.public else ()
        return Lowered(values, comments, notes)

    def references(self) -> References:
        return References(
            templates=(self.template,) if self.template else (), names=(("status", self.status),)
        )


def as_markup(text: str) -> str:
    """*text* for a field that holds markup, on one line: what is written is what is read back.

    Source: contract section 4.4 (the resolution is markup).
    """
    lines = escape(clean_text(text), quote=False).splitlines()
    return "<br>".join(line.rstrip() for line in lines)
