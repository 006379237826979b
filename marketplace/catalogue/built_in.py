"""What flows do without a plugin, found in the catalogue under the code that flows of Standard OPS name it by. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from marketplace.package.manifest import LocalizedText
from marketplace.search.terms import indexed_terms, searched_terms


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """Attributes:
    code: of the plugin that does it in Standard OPS.
    node: kind of the node that does it here.
    """

    code: str
    node: str
    name: LocalizedText
    description: LocalizedText


BUILT_IN: Final = (
    BuiltIn(
        "sleep_timer",
        "timer",
        LocalizedText(en="Timer", zh="定时"),
        LocalizedText(en="Waits for some seconds, or until a moment.", zh="等待若干秒，或等到指定时间。"),
    ),
    BuiltIn(
        "pause_node",
        "confirm",
        LocalizedText(en="Confirmation", zh="人工确认"),
        LocalizedText(en="Pauses the task until a person goes on.", zh="暂停任务，等待人工继续。"),
    ),
    BuiltIn(
        "bk_approve",
        "approval",
        LocalizedText(en="Approval", zh="审批"),
        LocalizedText(en="One of its approvers says yes or no.", zh="由审批人同意或拒绝。"),
    ),
)


def found_built_in(text: str) -> Sequence[BuiltIn]:
    """Those that every word leads to, as with plugins; all without words."""
    words = searched_terms(text)
    if text.strip() and not words:
        return ()
    return [each for each in BUILT_IN if all(_has(each, word) for word in words)]


def _has(built_in: BuiltIn, word: str) -> bool:
    texts = (built_in.code, built_in.node, *_both(built_in.name), *_both(built_in.description))
    return any(term.startswith(word) for term in indexed_terms((text, 1) for text in texts))


def _both(text: LocalizedText) -> tuple[str, str]:
    return text.en, text.zh
