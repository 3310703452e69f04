"""The action ``ask``."""

from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from kace_bridge.model.effect import AddComment
from kace_bridge.rules.actions.base import Action, Lowered, References, Scene
from kace_bridge.rules.actions.comment import MAX_COMMENT
from kace_bridge.rules.actions.notify import Notify
from kace_bridge.rules.facts import Facts


class Ask(Action):
    """Ask for more information: a question, and a status in which the ticket waits for it.

    ``text`` is asked in a public comment; ``template`` in a mail to ``to`` (the submitter unless
    told otherwise), or in a public comment with ``by: comment``. A clock that starts with the
    status then counts how long the answer takes. Where nobody can be reached by mail, and on a
    closed ticket, nothing happens: no ticket waits for an answer to a question never asked.

    Example:
        ask: {template: need-info, status: Need More Info, to: submitter}
    """

    verb: ClassVar[str] = "ask"
    order: ClassVar[int] = 8
    text: str | None = Field(None, min_length=1)
    template: str | None = None
    status: str = Field("Need More Info", min_length=1)
    by: Literal["comment", "mail"] | None = None
    to: str | list[str] | None = None
    channel: str | list[str] | None = None

    @classmethod
    def shape(cls, data: object) -> object:
        return {"text": data} if isinstance(data, str) else data

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.text is None) == (self.template is None):
            raise ValueError("'ask' needs either 'text' or 'template', and not both")
        if self.text is not None and self.by == "mail":
            raise ValueError("a mail is made from a 'template'; 'text' goes into a comment")
        if not self.mails and (self.to is not None or self.channel is not None):
            raise ValueError("'to' and 'channel' are for mails: a comment is on the ticket")
        return self

    @property
    def mails(self) -> bool:
        """Whether the question goes out as a message of ours."""
        return self.template is not None and self.by != "comment"

    def lower(self, facts: Facts, scene: Scene) -> Lowered:
        if facts.ticket.state == "closed":
            return Lowered(notes=({"ask": "nothing asked: the ticket is closed"},))
        waits = facts.ticket.value("status") == self.status
        values = {} if waits else {"status": self.status}
        if self.mails:
            sent = self._mail().lower(facts.after(values), scene)
            if not sent.effects:
                return Lowered(notes=(*sent.notes, {"ask": "nobody could be asked"}))
            return Lowered(values, sent.effects, sent.notes)
        text = self.text or ""
        if self.template is not None:
            _, text, _ = scene.render(self.template, scene.variables(facts.after(values), ""))
        comment = AddComment(facts.ticket.id, text.strip()[:MAX_COMMENT], public=True)
        return Lowered(values, (comment,))

    def _mail(self) -> Notify:
        to = [self.to or "submitter"] if not isinstance(self.to, list) else self.to
        return Notify(to=to, template=self.template or "", channel=self.channel)

    def references(self) -> References:
        names = (("status", self.status),)
        if not self.mails:
            return References(templates=(self.template,) if self.template else (), names=names)
        mail = self._mail().references()
        return References(
            users=mail.users, templates=mail.templates, channels=mail.channels, names=names
        )
