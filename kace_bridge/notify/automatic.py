"""Telling a machine's answer from a person's by its first words. Pure."""

import re

_PREFIX = re.compile(r"^(?:\s*(?:re|aw|sv|antw|r|fwd?|wg)\s*:)+\s*", re.IGNORECASE)
_WORDS = re.compile(
    r"""^\W*(?:
        auto(?:matic)?[\s-]*(?:reply|response|answer)      | auto\s*:
      | (?:i\s+am|i'm|we\s+are)\s+(?:currently\s+|now\s+)?
        (?:(?:out\s+of|away\s+from|not\s+in)\s+(?:the\s+|my\s+)?(?:office|desk)
         | away(?:\s+(?:until|till|from|on|this|for)\b|\s*[.:!\r\n]|\s*$)
         | on\s+(?:annual\s+|parental\s+|sick\s+|maternity\s+)?(?:leave|vacation|holidays?)\b)
      | out[\s-]of[\s-](?:the[\s-])?office(?!\w)           | vacation\s+(?:reply|response)
      | away\s+from\s+(?:my\s+)?(?:mail|desk)\b
      | automatische\s+(?:antwort|r)                       | abwesenheits(?:notiz|nachricht|meldung)
      | ich\s+bin\s+(?:derzeit\s+|zurzeit\s+|momentan\s+|aktuell\s+|bis\s+.{1,40}?)?
        (?:nicht\s+im\s+(?:b[üu]e?ro|haus)|im\s+urlaub|au(?:ß|ss)er\s+haus|abwesend)
      | r[ée]ponse\s+automatique                           | absence\s+du\s+bureau
      | je\s+suis\s+(?:actuellement\s+)?(?:absent|en\s+cong)
      | respuesta\s+autom[áa]tica                          | fuera\s+de\s+la\s+oficina
      | resposta\s+autom[áa]tica                           | fora\s+do\s+escrit[óo]rio
      | risposta\s+automatica                              | automatisch\s+antwoord
      | undeliver(?:able|ed)                               | delivery\s+status\s+notification
      | mail\s+delivery\s+(?:failed|failure)               | returned\s+mail
    )""",
    re.IGNORECASE | re.VERBOSE,
)


def looks_automatic(text: str) -> bool:
    """Whether *text*, a title or a comment, begins as answering machines do.

    By words alone, so a person can be meant: ask only about mail that came right after ours.
    """
    return _WORDS.match(_PREFIX.sub("", text)) is not None
