from marketplace.hosting.hosted import GIVEN_UP_SECONDS, MOST_ENDINGS, Pauses


def test_pauses_grow_until_it_is_given_up():
    pauses = Pauses()
    waits = [pauses.ended(0, 100) for _ in range(MOST_ENDINGS)]
    assert waits == [1, 2, 4, 8, 16, 32]
    assert pauses.is_given_up
    assert pauses.left(100) == GIVEN_UP_SECONDS


def test_a_process_that_lived_long_begins_anew():
    pauses = Pauses()
    pauses.ended(0, 0)
    pauses.ended(0, 0)
    assert pauses.ended(3_600, 5_000) == 1
    assert pauses.left(5_000.25) == 0.75
    assert pauses.left(5_001) == 0
