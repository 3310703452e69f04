"""The user routes. Source: contract sections 2.6 and 5.1."""

from typing import Any

from kace_bridge.sandbox.call import Call, answer_one, answer_page
from kace_bridge.sandbox.data import User
from kace_bridge.sandbox.desk import Desk
from kace_bridge.sandbox.exchange import ApiError, Reply, answer_json
from kace_bridge.sandbox.roles import STANDARD, helpdesk_permission, role_of
from kace_bridge.sandbox.search import select_rows


def list_users(call: Call) -> Reply:
    query = call.query("user")
    rows = [user for _, user in sorted(call.desk.users.items())]
    if role_of(call.desk, call.user) == STANDARD:
        rows = [call.user]  # own matching data only
    found = select_rows(call.desk, "user", rows, query)
    return answer_page(call, "Users", query, found, call.shaper(query).user)


def get_user(call: Call) -> Reply:
    query = call.query("user")
    return answer_one("Users", query, call.shaper(query).user(_user(call)))


def get_me(call: Call) -> Reply:
    user = call.user
    return answer_json(
        {
            "userId": user.id,
            "userName": user.user_name,
            "fullName": user.full_name,
            "email": user.email,
            "organization": call.organization,
            "permissions": permissions_of(call.desk, user),
        }
    )


def get_permissions(call: Call) -> Reply:
    return answer_json({"permissions": permissions_of(call.desk, _user(call))})


def permissions_of(desk: Desk, user: User) -> dict[str, Any]:
    """READ, WRITE or HIDE by area; only helpdesk is known by name."""
    wide = "HIDE" if role_of(desk, user) == STANDARD else "READ"
    return {"helpdesk": helpdesk_permission(desk, user), "inventory": wide, "asset": wide}


def _user(call: Call) -> User:
    user = call.desk.users.get(call.number("id"))
    if user is None:
        raise ApiError(404, f"User {call.path['id']} not found.")
    return user
