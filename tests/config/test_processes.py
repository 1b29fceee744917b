"""The supervisor's rules, with small programs of our own."""

from __future__ import annotations

import os
import re
import signal

import pytest

from tests.config.running import below, gone, running, wait_until

DRIVER = "tests.config.driver"


def number_after(line: str) -> int:
    return int(line.rpartition(" ")[2])


def test_it_stops_phase_by_phase_and_leaves_nothing() -> None:
    with running(DRIVER, "20", "last:steady:1:5", "first:steady:0:5") as driver:
        driver.until("all ready")
        processes = below(driver.pid)
        driver.process.send_signal(signal.SIGTERM)
        assert driver.end(20) == 0
        ends = [line for line in driver.said if "stop" in line]
        assert ends == ["first stops", "last stops", "all stopped"]
        assert len(processes) == 2 and gone(processes)


def test_one_that_does_not_stop_is_ended_after_its_grace() -> None:
    with running(DRIVER, "20", "deaf:stubborn:0:0.3") as driver:
        driver.until("all ready")
        processes = below(driver.pid)
        driver.process.send_signal(signal.SIGINT)
        assert driver.end(20) == 0
        assert "The deaf was stopped before it finished its work." in driver.said
        assert processes and gone(processes)


def test_a_second_signal_ends_what_is_left_at_once() -> None:
    with running(DRIVER, "20", "deaf:stubborn:0:600") as driver:
        driver.until("all ready")
        driver.process.send_signal(signal.SIGINT)
        driver.until("deaf refuses")
        driver.process.send_signal(signal.SIGINT)
        assert driver.end(20) == 0


@pytest.mark.parametrize(
    ("deadline", "behaviour", "sentence"),
    [
        ("20", "dies", r"problem: The odd exited with status 3 while starting\."),
        # On a busy machine the other one may not have answered yet either.
        ("1", "mute", r"problem: No answer within 1 s from: (steady, )?odd\."),
    ],
)
def test_trouble_at_the_start_is_named_and_leaves_nothing(deadline: str, behaviour: str, sentence: str) -> None:
    with running(DRIVER, deadline, "steady:steady:0:5", f"odd:{behaviour}:0:5") as driver:
        assert driver.end(20) == 1
        assert [line for line in driver.said if re.fullmatch(sentence, line)], driver.said
        # There, the one that dies may do so before the other has said a word.
        assert gone({number_after(line) for line in driver.said if "steady runs as" in line})


def test_a_crashed_one_starts_again_after_pauses_that_grow() -> None:
    with running(DRIVER, "20", "frail:steady:0:5") as driver:
        first = number_after(driver.until("frail runs as"))
        driver.until("all ready")
        os.kill(first, signal.SIGKILL)
        assert driver.until("restarts in") == "The frail was killed by SIGKILL. It restarts in 1 s."
        second = number_after(driver.until("frail runs as"))
        assert second != first
        os.kill(second, signal.SIGKILL)
        assert driver.until("restarts in").endswith("in 2 s.")


def test_the_children_of_a_crashed_one_end_with_it() -> None:
    with running(DRIVER, "20", "family:parent:0:5") as driver:
        grandchild = number_after(driver.until("has child"))
        parent = number_after(driver.until("family runs as"))
        driver.until("all ready")
        os.kill(parent, signal.SIGKILL)
        driver.until("restarts in")
        wait_until(lambda: gone({grandchild}), 10, "the end of the crashed one's child")


def test_killing_the_supervisor_leaves_no_process_of_it() -> None:
    with running(DRIVER, "20", "one:steady:0:5", "two:stubborn:1:5") as driver:
        driver.until("all ready")
        processes = below(driver.pid)
        driver.process.kill()
        driver.process.wait(10)
        assert len(processes) == 2
        wait_until(lambda: gone(processes), 10, "the end of all children")
