"""All keywords of all rules found in one pass over a text."""

from collections.abc import Callable, Iterable

from kace_bridge.rules.compiled.literals import literal_set
from kace_bridge.rules.words import spell_words

FEW = 12
"""Up to so many keywords, looking for each of them costs less than cutting the text into words."""
_UNTIDY = r"[^\n -~]|[<&]|  | \n|\n |\n\n"
"""In an ASCII text without any of this, `plain_text` finds nothing to take away."""
_LONG = 64
_MOST_WORDS = 1 << 16


class Keywords:
    """Keywords of one field in one spelling, each with the ways (bits) it stands for.

    An ASCII text is searched by RE2 for all ASCII keywords at once, where it is installed.
    Otherwise: a keyword, or the longest blank-free piece of one, lies inside one blank-separated
    word of the text, and words repeat from ticket to ticket, so what a word contains is
    remembered. Whole words (as `spell_words` writes them) are found by looking the text's up.
    """

    __slots__ = (
        "_at_once",
        "_empty",
        "_found",
        "_lengths",
        "_pieces",
        "_plain",
        "_untidy",
        "_whole",
        "parts",
        "spell",
        "ways",
    )

    def __init__(self, spell: Callable[[str], str]) -> None:
        self.spell = spell
        self.ways = 0
        self.parts: dict[str, int] = {}
        self._at_once: Callable[[bytes], list[int] | None] | None = None
        self._plain: list[int] = []
        self._untidy = 0
        self._whole = spell is spell_words
        self._pieces: dict[str, list[tuple[str, int]]] = {}
        self._lengths: list[int] = []
        self._found: dict[str, tuple[str, ...]] = {}
        self._empty: set[str] = set()

    def add(self, way: int, parts: Iterable[str]) -> None:
        """Let one of *parts* in the text meet *way*."""
        self.ways |= way
        for part in parts:
            self.parts[part] = self.parts.get(part, 0) | way

    def seal(self) -> None:
        """Order the keywords by the piece that is looked for; call once, after the last add."""
        for part, ways in self.parts.items():
            piece = max(part.split(), key=len)
            self._pieces.setdefault(piece, []).append((part, ways))
        self._lengths = sorted({len(piece) for piece in self._pieces})
        if len(self.parts) > FEW:
            plain = [part for part in self.parts if part.isascii()]
            self._at_once = literal_set(plain, _UNTIDY)
            self._plain = [*(self.parts[part] for part in plain), 0]
            self._untidy = len(plain)

    def ways_in(self, value: str) -> int:
        """The ways one of whose keywords stands in *value*."""
        text = self.spell(value)
        found = 0
        if len(self.parts) <= FEW:
            for part, ways in self.parts.items():
                if part in text:
                    found |= ways
            return found
        if self._at_once is not None and text.isascii():
            for number in self._at_once(text.encode()) or ():
                found |= self._plain[number]
            return found
        for piece in self._pieces_in(text):
            for part, ways in self._pieces[piece]:
                if part == piece or part in text:
                    found |= ways
        return found

    def ways_in_raw(self, raw: str) -> int | None:
        """The same for a text as the appliance sent it, stripped; None where it is to be cleaned.

        Most need no cleaning, and whether one does is seen in the same pass: cleaning it, or only
        asking whether it has to be, takes longer than looking for all the keywords.
        """
        if self._at_once is None or self._whole or "<" in raw or not raw.isascii():
            return None
        hits = self._at_once(raw.lower().encode())
        if not hits:
            return 0
        found = 0
        for number in hits:
            if number == self._untidy:
                return None
            found |= self._plain[number]
        return found

    def _pieces_in(self, text: str) -> Iterable[str]:
        words = text.split()
        if self._whole:
            return self._pieces.keys() & words
        if self._empty.issuperset(words):  # as a rule: it costs no set of its own
            return ()
        found: list[str] = []
        for word in set(words).difference(self._empty):
            pieces = self._found.get(word)
            found += self._learn(word) if pieces is None else pieces
        return found

    def _learn(self, word: str) -> tuple[str, ...]:
        if len(word) > _LONG:  # hostile or encoded: too many substrings, and never seen again
            return tuple(piece for piece in self._pieces if piece in word)
        size = len(word)
        inside = {
            word[start : start + length]
            for length in self._lengths
            for start in range(size - length + 1)
        }
        pieces = tuple(self._pieces.keys() & inside)
        if len(self._found) + len(self._empty) >= _MOST_WORDS:
            self._found.clear()
            self._empty.clear()
        if pieces:
            self._found[word] = pieces
        else:
            self._empty.add(word)
        return pieces
