"""The page of every word of form.js names what the product knows, and tells how it is done as its reports do."""

import re
from collections import defaultdict

import pytest

from marketplace.legacy_forms.conversion import Treatment
from marketplace.legacy_forms.reading import read_form_script
from marketplace.legacy_forms.vocabulary import (
    COMMON_ATTRIBUTES,
    CONTEXT,
    EVENTS,
    GLOBALS,
    INSTANCE,
    STATE,
    TAGS,
    VALIDATIONS,
)
from tests.support.documentation import REFERENCE, table_rows
from tests.support.legacy_forms import CORPUS

PAGE = REFERENCE / "form-scripts.md"
KINDS = {
    "tag": "## Tags",
    "attribute": "## Attributes",
    "event": "## Events",
    "validation": "## Validations",
}


def words(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


@pytest.mark.parametrize(
    ("heading", "known"),
    [
        ("## Tags", set(TAGS)),
        ("## Events", EVENTS),
        ("## Validations", VALIDATIONS),
        ("## Methods of a tag", INSTANCE),
        ("## What a tag is", STATE),
        ("## `$.context`", CONTEXT),
        ("## Globals", GLOBALS),
    ],
)
def test_every_word_has_its_line_and_no_other(heading, known):
    named = [word for row in table_rows(PAGE, heading)[1:] for word in words(row[0])]
    assert sorted(named) == sorted(known)


def test_every_attribute_has_its_line_with_the_tags_that_take_it():
    rows = table_rows(PAGE, "## Attributes")[1:]
    told = {(name, tag) for row in rows for name in words(row[0]) for tag in (words(row[1]) or [row[1]])}
    own = {(name, tag) for tag, names in TAGS.items() for name in names}
    assert told == own | {(name, "all") for name in COMMON_ATTRIBUTES}


async def test_each_is_done_as_its_line_says(sandbox):
    """What the reports of all forms of the corpus say of a word, its line says too."""
    told = {
        (kind, name): set(row[-2].split(", "))
        for kind, heading in KINDS.items()
        for row in table_rows(PAGE, heading)[1:]
        for name in words(row[0])
    }
    done = defaultdict(set)
    for path in CORPUS:
        for found in (await read_form_script(sandbox, path.read_text(encoding="utf-8"))).findings:
            kind, _, rest = found.part.partition(" ")
            name = re.split(r"[ .\[]", rest)[0]
            if found.treatment in {Treatment.STATIC, Treatment.SANDBOX} and (kind, name) in told:
                done[kind, name].add(found.treatment.value)
    assert {word: ways for word, ways in done.items() if not ways <= told[word]} == {}
    assert {name for kind, name in done if kind == "tag"} == set(TAGS)
