"""Answers kept and given again. Of several calls for an answer that isn't kept yet, one fetches it for all."""

import asyncio
from collections.abc import Hashable

from gateway.dataplane.answer import Answer, Answered
from gateway.dataplane.call import Call
from gateway.policies.kinds.response_cache import ResponseCache
from gateway.policies.states.answers import AnswerStore, KeptAnswer
from gateway.policies.states.freshness import directives, seconds_to_keep, vary_of
from gateway.snapshot.model.routes import Route
from gateway.wire.request_headers import alike, is_own

MOST_BYTES = 64 * 2**20

_PATIENCE_SECONDS = 5.0
"""For another call's answer: its client may be slow to take it."""
_METHODS = frozenset({"GET", "HEAD"})
_OF_THEIR_OWN = frozenset(
    {b"range", b"if-range", b"if-none-match", b"if-modified-since", b"if-match", b"if-unmodified-since"}
)
"""Request headers that ask for another answer than the whole one."""
_IN_THE_KEY = frozenset({b"x-trunkline-app", b"x-trunkline-user", b"x-trunkline-project", b"authorization", b"cookie"})
"""Own headers an answer may vary by when it is kept for one caller: they say who calls, or never reach an upstream."""
_FETCH = "response-cache"
_LOOK = "response-cache looks"
_WAIT = "response-cache waits"


class AnswersKept:
    """What all routes of this process share: the answers, and which of them are being fetched."""

    __slots__ = ("fetches", "store")

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self.store = AnswerStore(most_bytes)
        self.fetches: dict[Hashable, asyncio.Future[None]] = {}


class _Fetch:
    """A call that fetches an answer; ``key`` is where it goes."""

    __slots__ = ("done", "key", "pieces", "size")

    def __init__(self, key: Hashable, done: "asyncio.Future[None]") -> None:
        self.key = key
        self.done = done
        self.pieces: list[bytes] = []
        self.size = 0


class CacheAnswers:
    """``look`` comes before the body, then ``wait`` while another call fetches the answer; ``answer`` keeps one."""

    __slots__ = ("_kept", "_mapped", "_place", "_policy")

    def __init__(self, route: Route, policy: ResponseCache, kept: AnswersKept) -> None:
        settings = route.settings
        self._place = (settings.system, settings.stage, settings.release, route.component)
        self._policy = policy
        self._kept = kept
        sources = [place for each in route.mapping for place in each.taken]
        self._mapped = tuple(place.name.lower().encode() for place in sources if place.location == "header")

    def look(self, call: Call) -> None:
        """Raises Answered with what is kept. While limits are still to be counted elsewhere, ``wait`` looks."""
        if call.admission is None or not call.admission.pending:
            self._look(call)
        else:
            call.notes = call.notes or {}
            call.notes[_LOOK] = True

    async def wait(self, call: Call) -> None:
        """Raises Answered with what another call has fetched; when that can't be kept, the call goes its own way."""
        if call.notes is None:
            return
        if call.notes.pop(_LOOK, False):
            self._look(call)
        waiting = call.notes.pop(_WAIT, None)
        if waiting is not None:
            key, fetched = waiting
            await asyncio.wait([fetched], timeout=_PATIENCE_SECONDS)
            self._give(call, key)

    def _look(self, call: Call) -> None:
        headers = call.headers
        if call.method not in _METHODS or headers.kept.get(b"content-length", b"0") != b"0":
            return
        if b"transfer-encoding" in headers.kept or not _OF_THEIR_OWN.isdisjoint(map(alike, headers.passed[::4])):
            return
        asked = directives(headers.value(b"cache-control") or b"")
        if b"no-store" in asked:
            return
        key = self._key_of(call)
        if b"no-cache" not in asked and asked.get(b"max-age") != b"0":
            self._give(call, key)
        notes = call.notes = call.notes or {}
        fetched = self._kept.fetches.get(key)
        if fetched is not None:
            notes[_WAIT] = (key, fetched)
            return
        done = self._kept.fetches[key] = asyncio.get_running_loop().create_future()
        notes[_FETCH] = _Fetch(key, done)

    def answer(self, call: Call, answer: Answer) -> None:
        """Keeps the answer of a call that fetches one."""
        fetch: _Fetch | None = call.notes.get(_FETCH) if call.notes is not None else None
        if fetch is None or answer.refusal is not None:
            return
        if answer.body is None:
            answer.taps = (*answer.taps, _Collector(self, call, fetch, answer))
        else:
            self.keep(call, fetch, answer, answer.body)

    def end(self, call: Call, status: int) -> None:  # noqa: ARG002 - whatever became of it
        """Lets go on who waited."""
        fetch: _Fetch | None = call.notes.pop(_FETCH, None) if call.notes is not None else None
        if fetch is not None:
            del self._kept.fetches[fetch.key]
            if not fetch.done.done():
                fetch.done.set_result(None)

    def keep(self, call: Call, fetch: _Fetch, answer: Answer, body: bytes) -> None:
        policy, now = self._policy, call.now
        vary = vary_of(policy, answer.headers)
        seconds = seconds_to_keep(policy, answer.status, answer.headers, now)
        if vary is None or not seconds or len(body) > policy.max_bytes or not self._may_vary_by(vary):
            return
        headers = tuple(answer.headers)
        kept = KeptAnswer(answer.status, headers, body, answer.length, now, now + seconds)
        self._kept.store.put(fetch.key, vary, call.headers.value, kept)

    @property
    def most_bytes(self) -> int:
        return self._policy.max_bytes

    def _may_vary_by(self, vary: tuple[bytes, ...]) -> bool:
        own = {name for name in vary if is_own(name)}
        return not own if self._policy.shared else own <= _IN_THE_KEY

    def _give(self, call: Call, key: Hashable) -> None:
        found = self._kept.store.find(key, call.headers.value, call.now)
        if found is None:
            return
        age = b"%d" % (call.now - found.since)
        headers = [pair for pair in found.headers if pair[0] != b"age"]
        headers += ((b"age", age), (b"x-trunkline-cache", b"hit"))
        raise Answered(Answer(found.status, headers, found.body, length=found.length))

    def _key_of(self, call: Call) -> Hashable:
        """Everything the upstream's answer may depend on, but for what ``Vary`` names."""
        identity = call.identity
        caller = None
        if identity is not None and not self._policy.shared:
            caller = (identity.app_code, identity.user, identity.project_id)
        mapped = tuple(call.headers.value(name) for name in self._mapped)
        return (self._place, call.is_esb, call.method, call.params, call.target, mapped, caller)


class _Collector:
    """Sees a streaming answer pass, and keeps it when it came whole and isn't too long."""

    __slots__ = ("_answer", "_cache", "_call", "_fetch")

    def __init__(self, cache: CacheAnswers, call: Call, fetch: _Fetch, answer: Answer) -> None:
        self._cache = cache
        self._call = call
        self._fetch = fetch
        # As it is now: later hooks change what this client gets, not what is kept.
        self._answer = Answer(answer.status, list(answer.headers), None, length=answer.length)

    def take(self, piece: bytes) -> None:
        fetch = self._fetch
        fetch.size += len(piece)
        if fetch.size <= self._cache.most_bytes:
            fetch.pieces.append(piece)
        else:
            fetch.pieces.clear()

    def end(self, *, whole: bool) -> None:
        if whole and self._fetch.size <= self._cache.most_bytes:
            self._cache.keep(self._call, self._fetch, self._answer, b"".join(self._fetch.pieces))
