"""What somebody may have meant whose words lead nowhere."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from marketplace.package.confusable import one_slip
from marketplace.search.models import SearchTermRow
from marketplace.search.terms import LAST, searched_terms

_SHORTEST = 4
"""Of shorter words one letter is too large a part."""


async def meant_by(session: AsyncSession, text: str) -> str | None:
    """The words typed, each that begins no term replaced by the likeliest that is one slip of the keyboard away.

    None where all of them lead somewhere, or one has nothing near.
    """
    words = searched_terms(text)
    meant = [await _known(session, word) for word in words]
    if None in meant or meant == words:
        return None
    return " ".join(word for word in meant if word is not None)


async def _known(session: AsyncSession, word: str) -> str | None:
    term = col(SearchTermRow.term)
    begins = select(term).where(term >= word, term < word + LAST).limit(1)
    if (await session.execute(begins)).first() is not None:
        return word
    if len(word) < _SHORTEST:
        return None
    # People hardly ever mistype the first letter.
    near = select(term, func.sum(SearchTermRow.weight)).where(
        term >= word[0],
        term < word[0] + LAST,
        func.length(term).between(len(word) - 1, len(word) + 1),
    )
    found = [(weight, each) for each, weight in await session.execute(near.group_by(term)) if one_slip(word, each)]
    return max(found)[1] if found else None
