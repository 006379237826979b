"""Words by which plugins are found, of texts in English and Chinese. Pure.

Letters and digits make words, which are found by their beginning. Chinese has no spaces: each character and each pair
of neighbours is a term, so that any part of a sentence is found by the pairs in it.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator

MOST_WORDS = 12
"""Of a search; what is typed beyond is not looked at."""
LAST = "\U0010ffff"
"""Behind every other sign: what begins with a word lies between it and the word with this."""
_LONGEST = 64
_CHINESE = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+")
_RUNS = re.compile(rf"{_CHINESE.pattern}|[^\W_\u3400-\u9fff\uf900-\ufaff]+")
_BETWEEN = re.compile(r"[\s_-]+")
_NOT_PROSE = re.compile(r"```.*?```|`[^`\n]*`|<[^<>]*>|\]\([^)\s]*\)|https?://\S+", re.DOTALL)


def plain_text(markdown: str) -> str:
    """Its prose: without code, addresses and tags, whose words nobody looks for."""
    return _NOT_PROSE.sub(" ", markdown)


def indexed_terms(texts: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Every term of texts that weigh so much; a term weighs what its weightiest text does."""
    found: dict[str, int] = {}
    for text, weight in texts:
        for run in _runs(text):
            for term in _terms_of(run):
                found[term] = max(found.get(term, 0), weight)
    return found


def searched_terms(text: str) -> list[str]:
    """What must all be found, as beginnings of terms."""
    found: dict[str, None] = {}
    for run in _runs(text):
        pairs = [run[index : index + 2] for index in range(len(run) - 1)] if _is_chinese(run) else []
        found.update(dict.fromkeys(pairs or [run[:_LONGEST]]))
    return list(found)[:MOST_WORDS]


def code_in(text: str) -> str:
    """The code of a plugin that somebody may have typed, with spaces or hyphens in place of its underscores."""
    return _BETWEEN.sub("_", unicodedata.normalize("NFKC", text).casefold().strip())


def _runs(text: str) -> Iterator[str]:
    return (found[0] for found in _RUNS.finditer(unicodedata.normalize("NFKC", text).casefold()))


def _terms_of(run: str) -> Iterator[str]:
    if not _is_chinese(run):
        yield run[:_LONGEST]
        return
    yield from run
    for index in range(len(run) - 1):
        yield run[index : index + 2]


def _is_chinese(run: str) -> bool:
    return _CHINESE.fullmatch(run) is not None
