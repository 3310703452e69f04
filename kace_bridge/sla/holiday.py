"""Public holidays of a country, from the ``holidays`` library, imported only where one is named."""

import re
from collections.abc import Container
from datetime import date

from kace_bridge.sla.hours import nearest


def public_holidays(country: str, subdivision: str | None = None) -> Container[date]:
    """The public holidays of *country* (``US``), with those of *subdivision* (``NY``) if named.

    Raises ValueError in plain words for an unknown country or subdivision.
    """
    import holidays

    # The library looks names up as attributes of itself: only codes may reach it.
    if not re.fullmatch(r"[A-Z]{2}", country) or not hasattr(holidays, country):
        known = [code for code in holidays.list_supported_countries() if len(code) == 2]
        raise ValueError(
            f"no public holidays are known for the country {country!r}: "
            f"write a two-letter code such as US.{nearest(country, known)}"
        )
    try:
        return holidays.country_holidays(country, subdiv=subdivision)
    except NotImplementedError:
        known = holidays.list_supported_countries(include_aliases=True)[country]
        kinds = f"one of {', '.join(known)}" if known else "none: leave it out"
        raise ValueError(
            f"{country} has no subdivision {subdivision!r}; known: {kinds}."
            f"{nearest(subdivision or '', known)}"
        ) from None
