from hypothesis import given
from hypothesis import strategies as st

from orchestrator.waiting.turns import Claim, granted

CLAIMS = st.lists(st.tuples(st.sampled_from("ab"), st.booleans(), st.integers(1, 3)), max_size=12)


def _claims(drawn: list[tuple[str, bool, int]]) -> list[Claim]:
    return [Claim("p", key, str(number), "t", waits, limit) for number, (key, waits, limit) in enumerate(drawn)]


@given(CLAIMS)
def test_nobody_overtakes_and_nobody_is_one_too_many(drawn: list[tuple[str, bool, int]]) -> None:
    claims = _claims(drawn)
    turns = granted(claims)
    for key in "ab":
        waiting = [claim for claim in claims if claim.key == key and claim.is_waiting]
        given_now = [claim for claim in turns if claim.key == key]
        assert given_now == waiting[: len(given_now)]
        held = sum(claim.key == key and not claim.is_waiting for claim in claims)
        assert all(held + place < claim.limit for place, claim in enumerate(given_now))
        if len(given_now) < len(waiting):
            assert held + len(given_now) >= waiting[len(given_now)].limit


def test_projects_and_keys_are_apart() -> None:
    held = Claim("p", "a", "1", "t", is_waiting=False, limit=1)
    others = [
        held._replace(run_id="2", is_waiting=True, key="b"),
        held._replace(run_id="3", is_waiting=True, project_id="q"),
    ]
    assert granted([held, *others, held._replace(run_id="4", is_waiting=True)]) == others
