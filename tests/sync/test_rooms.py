"""What a chat room or a webhook is told: once for each decision, and nobody in particular."""

from tests.support.desk import Desk


def test_a_room_gets_one_message_without_a_greeting(desk: Desk) -> None:
    """Whomever the rule names: a room is not greeted as Grace, nor told once for each of them."""
    desk.config["channels"]["room"] = {
        "kind": "webhook", "url": "https://chat.example.org/in", "allow_private": True,
    }  # fmt: skip
    desk.config["notify"].append(
        {"id": "tell-all", "event": "created", "then": {
            "notify": {"to": ["owner", "css", "submitter"], "template": "generic",
                       "channel": ["room", "mail"]}}},
    )  # fmt: skip
    desk.submit()
    desk.sync()
    with desk.bridge() as made:
        rows = [row.message for row in made.store.outbox() if row.message.template == "generic"]
    told = [(one.channel, one.to) for one in rows]
    assert told.count(("room", "")) == 1
    assert len([to for channel, to in told if channel == "mail"]) == 4
    (post,) = [one for one in rows if one.channel == "room"]
    assert post.text.startswith("Hello,")
