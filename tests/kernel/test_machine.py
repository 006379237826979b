import os
import subprocess
import sys

import pytest

from kernel.machine import ProcessIdentity, is_gone, is_own_address, machine_facts, this_process


def test_a_machine_knows_itself() -> None:
    facts = machine_facts()
    assert min(facts.cpu_count, facts.memory_mb, facts.disk_gb) > 0
    assert all(is_own_address(address) for address in facts.addresses)


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.9"])
def test_loopback_is_its_own(address: str) -> None:
    assert is_own_address(address)


@pytest.mark.parametrize("address", ["198.51.100.1", "0.0.0", "224.0.0.1", "localhost", "", "1.2.3", "::"])
def test_others_and_what_is_no_address_are_not(address: str) -> None:
    assert not is_own_address(address)


def test_a_process_is_told_from_a_later_one_with_its_number() -> None:
    me = this_process()
    assert ProcessIdentity.parse(str(me)) == me
    assert me.pid == os.getpid()
    assert not is_gone(me)
    assert is_gone(ProcessIdentity(me.host, me.pid, me.started + 1))
    assert not is_gone(ProcessIdentity("elsewhere", me.pid, me.started + 1))


def test_a_process_that_ended_is_gone_whether_or_not_it_was_waited_for() -> None:
    child = subprocess.Popen([sys.executable, "-c", "pass"])
    identity = ProcessIdentity(this_process().host, child.pid, _start_of(child.pid))
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert is_gone(identity)
    child.wait()
    assert is_gone(identity)


def _start_of(pid: int) -> int:
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:  # noqa: PTH123  one line of one file
        return int(stat.read().rpartition(")")[2].split()[19])
