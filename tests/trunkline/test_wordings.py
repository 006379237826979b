"""What the product says under codes is said in Chinese too."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from kernel.wording import TERMS, Wording
from trunkline.wordings import every_wording

WORDING = Path(__file__).parents[2] / "web" / "src" / "shared" / "wording"
PLACEHOLDER = re.compile(r"\{(\w+(?::(?:or|term))?)\}")


def translations() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for path in (WORDING / "zh").glob("*.json"):
        texts = json.loads(path.read_text())
        assert not texts.keys() & found.keys(), path
        found |= texts
    return found


def places(text: str) -> set[str]:
    """Of values, whichever way they are joined."""
    return {place.partition(":")[0] for place in PLACEHOLDER.findall(text)}


def test_each_code_stands_for_one_sentence() -> None:
    count = Counter(each.code for each in every_wording())
    assert len(count) > 100
    assert [code for code, times in count.items() if times > 1] == []


def test_chinese_has_every_code_and_no_other() -> None:
    assert translations().keys() == {each.code for each in every_wording()}


@pytest.mark.parametrize("wording", list(every_wording()), ids=lambda each: each.code)
def test_each_sentence_and_its_remedy_are_there_in_both_languages(wording: Wording) -> None:
    chinese = translations()[wording.code]
    assert wording.text
    assert re.search("[\u4e00-\u9fff]", chinese["text"])
    assert bool(wording.remedy) == bool(chinese.get("remedy"))


@pytest.mark.parametrize("wording", list(every_wording()), ids=lambda each: each.code)
def test_both_languages_name_the_same_values(wording: Wording) -> None:
    chinese = translations()[wording.code]
    assert places(f"{chinese['text']} {chinese.get('remedy', '')}") == wording.names


def test_words_that_stand_for_values_are_in_both_languages() -> None:
    assert json.loads((WORDING / "zh-terms.json").read_text()).keys() == TERMS.keys()
