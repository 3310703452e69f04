"""Which function answers which path and verb. Source: contract sections 4 and 5."""

import re
from collections.abc import Callable

from kace_bridge.sandbox import inventory, queues, tickets, users
from kace_bridge.sandbox.call import Call
from kace_bridge.sandbox.exchange import ApiError, Reply

Handler = Callable[[Call], Reply]
_DESK = "/api/service_desk"
_TICKET = _DESK + "/tickets/{id}"

ROUTES: dict[str, dict[str, Handler]] = {
    _DESK + "/tickets": {"GET": tickets.list_tickets, "POST": tickets.create_tickets},
    _TICKET: {
        "GET": tickets.get_ticket,
        "PUT": tickets.change_ticket,
        "POST": tickets.change_ticket,
        "DELETE": tickets.delete_ticket,
    },
    _TICKET + "/changes": {"GET": tickets.list_changes},
    _TICKET + "/changes/{change}/attachments/{attachment}": {"GET": tickets.get_attachment},
    _TICKET + "/work": {"POST": tickets.add_work},
    _TICKET + "/{verb:approve|reject|clearApproval}": {"POST": tickets.approve_ticket},
    _DESK + "/queues": {"GET": queues.list_queues},
    _DESK + "/queues/{id}": {"GET": queues.get_queue},
    _DESK + "/queues/{id}/fields": {"GET": queues.list_fields},
    _DESK + "/queues/{id}/ticket_template": {"GET": queues.get_template},
    "/api/users/users": {"GET": users.list_users},
    "/api/users/users/{id}": {"GET": users.get_user},
    "/api/users/me": {"GET": users.get_me},
    "/api/users/{id}/permissions": {"GET": users.get_permissions},
    "/api/inventory/machines": {"GET": inventory.list_machines},
    "/api/inventory/machines/{id}": {"GET": inventory.get_machine},
    "/api/asset/assets": {"GET": inventory.list_assets},
    "/api/asset/assets/{id}": {"GET": inventory.get_asset},
}


def _pattern(template: str) -> re.Pattern[str]:
    text = re.sub(r"\{(\w+):([^}]+)\}", r"(?P<\1>\2)", template)
    text = re.sub(r"\{(\w+)\}", r"(?P<\1>\\d+)", text)
    return re.compile(f"^{text}$")


_PATTERNS = [(_pattern(template), verbs) for template, verbs in ROUTES.items()]


def find_route(method: str, path: str) -> tuple[Handler, dict[str, str]]:
    """The handler and the path's parts; ApiError 404 for no such path, 405 for no such verb."""
    for pattern, verbs in _PATTERNS:
        match = pattern.match(path)
        if match is None:
            continue
        handler = verbs.get(method)
        if handler is None:
            raise not_allowed(method, list(verbs))
        return handler, match.groupdict()
    raise ApiError(404, f"No route for {path}.")


def not_allowed(method: str, verbs: list[str]) -> ApiError:
    error = ApiError(405, f"Method {method} is not allowed.")
    error.headers.append(("Allow", ", ".join(sorted(verbs))))
    return error
