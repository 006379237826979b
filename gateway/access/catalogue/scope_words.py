"""What a scope lets an app do, in words people read before they agree. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

_VERBS: Mapping[str, tuple[str, str]] = {
    "read": ("Read from {title}", "读取{title}"),
    "write": ("Change things in {title}", "修改{title}"),
    "delete": ("Delete from {title}", "删除{title}中的内容"),
    "admin": ("Administer {title}", "管理{title}"),
    "manage": ("Manage what stands in {title}", "管理{title}中的内容"),
    "execute": ("Run things through {title}", "通过{title}执行操作"),
    "send": ("Send through {title}", "通过{title}发送"),
}
_ANY_VERB = ("Do “{verb}” in {title}", "在{title}中执行“{verb}”")
_UNKNOWN = ("{scope}: no system asks for this", "{scope}：没有系统需要此权限")


@dataclass(frozen=True, slots=True)
class ScopedComponent:
    """Attributes:
    texts: by language, `zh` and `en`, as the registry has them.
    """

    name: str
    title: str
    scopes: tuple[str, ...] = ()
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def called(self, language: str) -> str:
        return self.texts.get(language, {}).get("title") or self.title or self.name


@dataclass(frozen=True, slots=True)
class ScopeWords:
    """Attributes:
    text: by language.
    components: `system.component` that the scope opens.
    """

    scope: str
    text: Mapping[str, str]
    components: tuple[str, ...]


def system_of(scope: str) -> str:
    """`cmdb` of `cmdb:read` and of `cmdb.list_hosts`."""
    return scope.partition(":")[0].partition(".")[0]


def words_of(scope: str, title: str, components: Sequence[ScopedComponent]) -> ScopeWords:
    """Args:
    title: of the scope's system.
    components: all that the system serves.
    """
    system, _, verb = scope.partition(":")
    if verb:
        opened = [component for component in components if scope in component.scopes]
        words = _VERBS.get(verb, _ANY_VERB) if opened else _UNKNOWN
        english, chinese = words
        text = [
            english.format(title=title, verb=verb, scope=scope),
            chinese.format(title=_apart(title), verb=verb, scope=scope).strip(),
        ]
    else:
        system, _, name = scope.partition(".")
        opened = [component for component in components if component.name == name]
        text = [f"{title}: {opened[0].called('en')}", f"{title}：{opened[0].called('zh')}"] if opened else []
        text = text or [each.format(scope=scope) for each in _UNKNOWN]
    names = tuple(f"{system}.{component.name}" for component in opened)
    return ScopeWords(scope, {"en": text[0], "zh": text[1]}, names)


def _apart(title: str) -> str:
    """With a blank beside Latin letters, as they stand in Chinese."""
    before = " " if title[:1].isascii() else ""
    behind = " " if title[-1:].isascii() else ""
    return f"{before}{title}{behind}"
