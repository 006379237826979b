"""Writes that leave together at the end of a turn of the event loop."""

import asyncio

import pytest

from kernel.transport.coalescing import CoalescingTransport, Outbox


class Recorder(asyncio.Transport):
    def __init__(self) -> None:
        super().__init__()
        self.written = []
        self.closed = False

    def write(self, data):
        self.written.append(bytes(data))

    def close(self):
        self.closed = True

    def is_closing(self):
        return self.closed

    def get_write_buffer_size(self):
        return 0


@pytest.fixture
async def coalescing():
    recorder = Recorder()
    return recorder, CoalescingTransport(recorder, Outbox())


async def test_what_is_written_in_one_turn_leaves_in_one_write_in_order(coalescing):
    recorder, transport = coalescing
    transport.write(b"head")
    transport.write(b"body")
    assert (recorder.written, transport.get_write_buffer_size()) == ([], 8)
    await asyncio.sleep(0)
    transport.write(b"next")
    await asyncio.sleep(0)
    assert recorder.written == [b"headbody", b"next"]


async def test_what_several_are_sent_leaves_at_the_end_of_the_same_turn():
    outbox = Outbox()
    recorders = [Recorder(), Recorder()]
    for recorder in recorders:
        CoalescingTransport(recorder, outbox).write(b"data")
    assert [recorder.written for recorder in recorders] == [[], []]
    await asyncio.sleep(0)
    assert [recorder.written for recorder in recorders] == [[b"data"], [b"data"]]


async def test_large_writes_do_not_wait_and_keep_their_order(coalescing):
    recorder, transport = coalescing
    large = b"x" * 100_000
    transport.write(large)
    transport.write(b"small")
    transport.write(large)
    assert recorder.written == [large, b"small", large]


async def test_many_small_writes_do_not_pile_up(coalescing):
    recorder, transport = coalescing
    for _ in range(10):
        transport.write(b"x" * 10_000)
    assert (len(recorder.written), transport.get_write_buffer_size()) == (1, 30_000)


async def test_closing_sends_what_waits(coalescing):
    recorder, transport = coalescing
    transport.write(b"last")
    transport.close()
    assert (recorder.written, recorder.closed) == ([b"last"], True)
    transport.write(b"late")
    await asyncio.sleep(0)
    assert recorder.written == [b"last"]
