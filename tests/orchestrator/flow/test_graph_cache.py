from orchestrator.flow.graph_cache import GraphCache

ENDS = {"nodes": [{"id": "start", "kind": "start"}, {"id": "end", "kind": "end"}], "edges": []}


def test_a_graph_is_built_once() -> None:
    cache = GraphCache(limit=2)
    assert cache.get("a") is None
    kept = cache.keep("a", ENDS)
    assert kept.find("start") is not None
    assert cache.get("a") is kept


def test_the_least_recently_used_is_dropped() -> None:
    cache = GraphCache(limit=2)
    for name in ("a", "b"):
        cache.keep(name, ENDS)
    assert cache.get("a") is not None
    cache.keep("c", ENDS)
    assert [name for name in "abc" if cache.get(name) is not None] == ["a", "c"]
