from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.search.terms import MOST_WORDS, indexed_terms, plain_text, searched_terms

TEXTS = st.text(st.sampled_from("aZ9_ -找查主机é"), max_size=30)


def test_a_term_weighs_what_its_weightiest_text_does() -> None:
    terms = indexed_terms([("find_host", 8), ("Finds a host", 2), ("查找", 6)])
    assert terms == {"find": 8, "host": 8, "finds": 2, "a": 2, "查": 6, "找": 6, "查找": 6}


def test_a_long_search_is_cut() -> None:
    assert len(searched_terms(" ".join(f"word{number}" for number in range(50)))) == MOST_WORDS
    assert searched_terms("x" * 500) == ["x" * 64]


def test_of_markdown_the_prose_is_found() -> None:
    text = "Moves **hosts**: see [the page](https://x.example/secret) <img src=a>\n```\ncode\n```\n`flag` done"
    assert set(indexed_terms([(plain_text(text), 1)])) == {"moves", "hosts", "see", "the", "page", "done"}


@given(TEXTS)
@settings(max_examples=100)
def test_every_text_is_found_by_itself(text: str) -> None:
    terms = indexed_terms([(text, 1)])
    assert all(any(term.startswith(word) for term in terms) for word in searched_terms(text))
