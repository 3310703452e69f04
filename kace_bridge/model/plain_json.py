"""JSON with sorted keys and no blanks: the same text for the same content.

``JSONEncoder.encode`` builds its C encoder anew for every value, which costs more than the small
values of a ledger themselves. Here it is built once; what it writes is the same.
"""

import json
from collections.abc import Callable
from json import encoder


def text_maker(default: Callable[[object], object]) -> Callable[[object], str]:
    """A function from a value to its text; *default* makes plain what JSON does not know.

    Values must not contain themselves: they would be followed until Python gives up.
    """
    make = getattr(encoder, "c_make_encoder", None)
    if make is None:  # an interpreter without the C module
        plain = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=default)
        return plain.encode
    write = make(None, default, encoder.encode_basestring_ascii, None, ":", ",", True, False, True)

    def text(value: object) -> str:
        return "".join(write(value, 0))

    return text
