"""Who gets the next call: shares are exact, keys stay where they are, and nobody who is down is asked in vain."""

from collections import Counter
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from gateway.dataplane.upstream.balancing import ConsistentHash, LeastConnections, RoundRobin
from gateway.dataplane.upstream.servers import servers_of
from gateway.snapshot.model.upstreams import PassiveCheck, Target
from kernel.transport.origin import Origin

WEIGHTS = st.lists(st.integers(1, 12), min_size=1, max_size=8)
NOW = 1000.0


def made(weights):
    return servers_of(tuple(Target(Origin("http", f"s{at}", 80), weight) for at, weight in enumerate(weights)), {})


def put_down(servers, places):
    for at in places:
        if at < len(servers):
            servers[at].ejected_until = NOW + 1


@given(WEIGHTS, st.integers(1, 3))
def test_in_each_cycle_everybody_gets_exactly_its_share(weights, cycles):
    servers = made(weights)
    balancer = RoundRobin(servers)
    for _ in range(cycles):
        chosen = Counter(balancer.choose(NOW, "", None).origin for _ in range(sum(weights)))
        assert [chosen[server.origin] for server in servers] == weights


@given(st.integers(2, 12))
def test_a_heavy_server_does_not_get_its_calls_in_a_row(weight):
    servers = made([weight, weight])
    balancer = RoundRobin(servers)
    turns = [balancer.choose(NOW, "", None).origin.host for _ in range(2 * weight)]
    assert all(one != other for one, other in pairwise(turns))


@given(WEIGHTS, st.sets(st.integers(0, 7)), st.sampled_from([RoundRobin, LeastConnections, ConsistentHash]))
def test_nobody_who_is_down_gets_a_call_unless_all_are(weights, down, kind):
    servers = made(weights)
    put_down(servers, down)
    balancer = kind(servers)
    up = {server.origin for server in servers if server.is_up(NOW)} or {server.origin for server in servers}
    assert {balancer.choose(NOW, str(key), None).origin for key in range(50)} <= up


@given(WEIGHTS, st.sampled_from([RoundRobin, LeastConnections, ConsistentHash]))
def test_who_has_just_failed_a_call_is_not_asked_again_where_there_is_another(weights, kind):
    servers = made(weights)
    balancer = kind(servers)
    failed = balancer.choose(NOW, "key", None)
    again = balancer.choose(NOW, "key", failed)
    assert (again is failed) == (len(servers) == 1)


def test_calls_go_where_the_fewest_are_under_way_for_the_weight():
    slow, fast, big = servers = made([1, 1, 3])
    balancer = LeastConnections(servers)
    slow.in_flight, fast.in_flight, big.in_flight = 5, 2, 9
    assert balancer.choose(NOW, "", None) is fast
    fast.in_flight, big.in_flight = 3, 8
    assert balancer.choose(NOW, "", None) is big
    slow.in_flight = fast.in_flight = 0
    big.in_flight = 100
    assert {balancer.choose(NOW, "", None).origin for _ in range(4)} == {slow.origin, fast.origin}


@given(st.lists(st.text(max_size=20), min_size=1, max_size=60, unique=True), st.integers(0, 3))
def test_when_one_server_is_down_only_its_keys_move_and_they_come_back(keys, which):
    servers = made([1, 2, 3, 1])
    balancer = ConsistentHash(servers)
    before = {key: balancer.choose(NOW, key, None) for key in keys}
    put_down(servers, [which])
    during = {key: balancer.choose(NOW, key, None) for key in keys}
    assert all(during[key] is before[key] for key in keys if before[key] is not servers[which])
    assert servers[which] not in during.values()
    assert {key: balancer.choose(NOW + 2, key, None) for key in keys} == before


def test_a_server_more_moves_about_its_share_of_the_keys():
    keys = [f"key {number}" for number in range(4000)]
    three, four = ConsistentHash(made([1, 1, 1])), ConsistentHash(made([1, 1, 1, 1]))
    before = {key: three.choose(NOW, key, None).origin for key in keys}
    after = {key: four.choose(NOW, key, None).origin for key in keys}
    moved = [key for key in keys if before[key] != after[key]]
    assert {after[key].host for key in moved} == {"s3"}
    assert 0.15 < len(moved) / len(keys) < 0.35
    assert min(Counter(after.values()).values()) > 0.15 * len(keys)


def test_a_server_keeps_what_is_known_of_it_and_a_weight_of_nothing_gets_nothing():
    first = made([1, 1])
    first[0].in_flight, first[0].is_healthy = 3, False
    targets = (Target(Origin("http", "s0", 80), 5), Target(Origin("http", "s1", 80), 0))
    (kept,) = servers_of(targets, {server.origin: server for server in first})
    assert kept is first[0]
    assert (kept.weight, kept.in_flight, kept.is_healthy) == (5, 3, False)


def test_so_many_failures_in_a_row_eject_for_a_while_and_a_success_between_them_counts_for_all():
    (server,) = made([1])
    check = PassiveCheck(failures=3, eject_seconds=10)
    for _ in range(2):
        server.failed(check, NOW)
    server.succeeded()
    for _ in range(2):
        server.failed(check, NOW)
    assert server.is_up(NOW)
    server.failed(check, NOW)
    assert not server.is_up(NOW + 9.9)
    assert server.is_up(NOW + 10)
