"""The action ``comment``."""

from typing import ClassVar, Self

from pydantic import model_validator

from kace_bridge.model.effect import AddComment
from kace_bridge.rules.actions.base import Action, Lowered, References, Scene
from kace_bridge.rules.facts import Facts

MAX_COMMENT = 8192


class Comment(Action):
    """Add a comment to the ticket, from a template or a plain text; owners-only unless public.

    Example:
        comment: {text: "Waiting for the submitter since two days.", public: false}
    """

    verb: ClassVar[str] = "comment"
    order: ClassVar[int] = 8
    text: str | None = None
    template: str | None = None
    public: bool = False

    @classmethod
    def shape(cls, data: object) -> object:
        return {"text": data} if isinstance(data, str) else data

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.text is None) == (self.template is None):
            raise ValueError("'comment' needs either 'text' or 'template', and not both")
        return self

    def lower(self, facts: Facts, scene: Scene) -> Lowered:
        text = self.text or ""
        if self.template is not None:
            _, text, _ = scene.render(self.template, scene.variables(facts, ""))
        text = text.strip()[:MAX_COMMENT]
        return Lowered(effects=(AddComment(facts.ticket.id, text, self.public),))

    def references(self) -> References:
        return References(templates=(self.template,) if self.template else ())
