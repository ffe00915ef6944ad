# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What probes of a gate keep for later probes."""

from __future__ import annotations

from ansible_collections.tidegate.failover.plugins.module_utils._gates._evaluation import evaluate, evaluate_all
from ansible_collections.tidegate.failover.plugins.module_utils._gates._kind import Observation, Probe, Timing, Values

from .gates import FakeClock, Script, failing, occasion, passing, scripted


class Counting(Script):
    """A gate that counts its probes in its memory."""

    def observe(self, options: Values, look: Probe) -> Observation:
        look.memory["looks"] = look.memory.get("looks", 0) + 1
        return super().observe(options, look)


def test_a_probe_finds_what_earlier_ones_left() -> None:
    script = Counting([failing(), failing(), passing()])
    evaluate(scripted(script), occasion(script.clock))
    assert script.looks[-1].memory == {"looks": 3}


def test_a_gate_that_is_evaluated_again_still_remembers() -> None:
    clock = FakeClock()
    quick, slow = Counting([passing()], clock=clock), Counting([failing(), passing()], clock=clock)
    slow_gate = scripted(slow, name="slow", timing=Timing(interval=100, timeout=200))
    evaluate_all([scripted(quick, name="quick"), slow_gate], occasion(clock))
    assert quick.looks[-1].memory["looks"] == len(quick.looks) == 2


def test_gates_do_not_share_their_memory() -> None:
    clock = FakeClock()
    one, other = Counting([passing()], clock=clock), Counting([passing()], clock=clock)
    evaluate_all([scripted(one, name="one"), scripted(other, name="other")], occasion(clock))
    assert (one.looks[0].memory, other.looks[0].memory) == ({"looks": 1}, {"looks": 1})


def test_another_task_remembers_nothing() -> None:
    script = Counting([passing()])
    for _task in range(2):
        evaluate(scripted(script), occasion(script.clock))
    assert script.looks[-1].memory == {"looks": 1}
