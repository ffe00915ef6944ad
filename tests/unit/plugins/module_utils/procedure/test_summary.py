# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The summary reports which site serves, what is locked, which page is shown, the record, and what to do next."""

from __future__ import annotations

import re
import typing as t

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._procedure import ending
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.run import Json
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.summary import (
    Places,
    explained,
    summary,
    summary_lines,
)
from ansible_collections.tidegate.failover.plugins.module_utils._record.commands import Target
from ansible_collections.tidegate.failover.tests.unit.plugins.module_utils.procedure.cloud import (
    EARLIER,
    NOW,
    PAGE,
    RUN,
    Cloud,
    Role,
    acknowledge,
    failback,
    failover,
)

TARGET = Target("checkout", ["prod inventory.yml"], ["check-1"])
PLACES = Places(TARGET, "/records/checkout.jsonl", ["/reports/checkout.html"])
BEGINS = "ansible-playbook tidegate.failover."
ENDS = " -i 'prod inventory.yml' -l checkout"


def said(role: Role, places: Places = PLACES) -> dict[str, str]:
    """The text of a run's summary."""
    run = role.go()
    return dict(summary_lines(run, ending.record(run, role.options, NOW), places))


def text(role: Role) -> str:
    """The summary of a run as it is printed."""
    run = role.go()
    return summary(run, ending.record(run, role.options, NOW), PLACES)


def promoting(**given: object) -> Json:
    return failover(**{"promote_tasks": "p.yml", "fence_override": {"reason": "r"}, **given})


def test_a_failover_reports_what_is_and_what_to_do() -> None:
    reported = said(Role(failover(verify_url="https://checkout.example.com/"), page=PAGE))
    assert reported["serves"].startswith("the other site: users were seen to be served at 2026-11-21T03:05:")
    assert reported["locked"] == f"check-1, by lock {RUN}"
    assert reported["page"] == "page enabled."
    assert (reported["record"], reported["report"]) == ("/records/checkout.jsonl", "/reports/checkout.html")
    assert reported["next"].endswith(f"{BEGINS}failback{ENDS}")


def test_a_failover_that_nobody_verified_does_not_say_that_users_are_served() -> None:
    assert "no step has checked it" in said(Role(failover(steps=["lock"])))["serves"]


def test_a_service_without_a_page_has_none() -> None:
    assert said(Role(failover()))["page"].startswith("The service has no front: ")


def test_a_page_that_could_not_be_put_up_is_not_known() -> None:
    role = Role(failover(), Cloud(fails={"lb_maintenance_mode": "HTTP 500"}), page=PAGE)
    assert said(role)["page"] == "not known, because the step maintenance failed: HTTP 500"


def test_a_failover_that_was_undone_leaves_the_primary_site_serving() -> None:
    reported = said(Role(promoting(), Cloud(fails={"failover_state running": "HTTP 500"})))
    assert (reported["serves"], reported["locked"]) == ("the primary site, as before", "nothing; check-1 is open")
    assert reported["next"] == f"correct what failed, and run it again:\n{BEGINS}failover{ENDS}"


def test_a_lock_that_was_taken_over_stays_when_a_failover_is_undone() -> None:
    cloud = Cloud(locks={"check-1": EARLIER}, fails={"failover_state running": "HTTP 500"})
    reported = said(Role(promoting(), cloud))
    taken_over = f"{EARLIER.partition('-')[0]}-{RUN.partition('-')[2]}"
    assert (reported["serves"], reported["locked"]) == ("the other site, as before", f"check-1, by lock {taken_over}")


def test_a_promotion_that_fails_confirms_nothing() -> None:
    reported = said(Role(promoting(), files={"/inventory/p.yml": "it broke"}))
    assert reported["serves"] == "not confirmed: no step has seen users at the other site"
    assert reported["locked"] == f"check-1, by lock {RUN}"
    assert reported["next"].endswith(f"{BEGINS}failover{ENDS}")


def test_where_somebody_has_taken_over_nothing_is_known() -> None:
    role = Role(promoting(), files={"/inventory/p.yml": "it broke"})
    role.begin()
    for number in range(3):
        role.step(number)
    role.cloud.locks.clear()
    role.end()
    reported = dict(summary_lines(role.run, ending.record(role.run, role.options, NOW), PLACES))
    assert "another run has taken over" in reported["serves"]
    assert reported["next"] == f"find out who serves:\n{BEGINS}status{ENDS}"


def test_a_failback_leaves_nothing_locked() -> None:
    reported = said(Role(failback(), Cloud(locks={"check-1": EARLIER})))
    assert (reported["serves"], reported["locked"]) == ("the primary site", "nothing; check-1 is open")
    assert reported["next"].endswith(f"{BEGINS}failover{ENDS}")


def test_a_failback_that_fails_before_its_unlock_keeps_the_lock() -> None:
    role = Role(
        failback(move_writer_tasks="w.yml"), Cloud(locks={"check-1": EARLIER}), files={"/inventory/w.yml": "no"}
    )
    reported = said(role)
    assert reported["locked"] == f"check-1, by lock {role.run.id}"
    assert f"{BEGINS}acknowledge{ENDS} -e acknowledge_reason=..." in reported["next"]


def test_an_acknowledgement_moves_nobody() -> None:
    reported = said(Role(acknowledge(reason="looked"), Cloud(locks={"check-1": EARLIER})))
    assert reported["serves"] == "as before: an acknowledgement moves nobody"
    assert reported["locked"].startswith("check-1, by lock ")
    assert reported["next"].endswith(f"{BEGINS}failback{ENDS}")


def test_a_service_of_no_inventory_is_named_by_its_health_check() -> None:
    reported = said(Role(failover()), Places(Target("", [], ["check-1"]), "in no file"))
    assert reported["next"].endswith(f"{BEGINS}failback -e health_check_ids=check-1")


def test_the_objectives_are_beside_what_was_measured() -> None:
    reported = said(Role(promoting(rto=1, rpo=5, verify_url="https://checkout.example.com/")))
    assert "(objective 1 s: MISSED)" in reported["recovery time"]
    assert reported["recovery point"].endswith("(objective 5 s: unknown)")


def test_check_mode_says_that_nothing_has_changed() -> None:
    reported = said(Role(failover(), check=True))
    assert (reported["serves"], reported["locked"]) == ("as before: check mode changes nothing", "as before")
    assert reported["next"] == f"to do it: {BEGINS}failover{ENDS}"


def test_a_refusal_is_not_reported_a_second_time() -> None:
    assert text(Role(failover(health_check_ids=[]))) == ""


@pytest.mark.parametrize("options", [failover(), promoting(), failback(), acknowledge(reason="looked")])
def test_what_succeeded_is_reported_without_frightening_words(options: Json) -> None:
    locks = {} if options["operation"] == "failover" else {"check-1": EARLIER}
    reported = text(Role(options, Cloud(locks=locks)))
    assert [
        word for word in ("FAILED", "point of no return", "nobody serves", "NOT", "MISSED") if word in reported
    ] == []


def test_a_failure_is_called_one() -> None:
    assert "SUMMARY: failover FAILED\n" in text(Role(promoting(), files={"/inventory/p.yml": "it broke"}))


def test_a_summary_holds_no_password() -> None:
    role = Role(
        failover(), Cloud(fails={"lb_maintenance_mode": "no answer from https://u:hunter2@lb.example.com/"}), page=PAGE
    )
    assert "hunter2" not in text(role)


def test_the_explanation_says_why_steps_are_not_taken_and_from_where_on_nothing_is_undone() -> None:
    lines = explained(Role(promoting()).go())
    assert "scale is not taken: failover_scale_tasks is not given." in lines
    assert lines[-1] == "nothing is undone from the beginning of promote on"


def test_the_explanation_says_that_a_lock_is_final() -> None:
    assert explained(Role(failover()).go())[-1].startswith("nothing is undone once the lock is in force")


def test_an_answer_of_the_other_site_alone_does_not_say_that_users_are_served() -> None:
    reported = said(Role(failover()))["serves"]
    assert reported.startswith("the other site: it answered at 2026-11-21T03:05:")
    assert "Whether users reach it is not known" in reported


def test_an_answer_of_the_other_site_alone_meets_no_objective() -> None:
    reported = said(Role(failover(rto=3600)))["recovery time"]
    assert reported == (
        "unknown: no step has checked DNS or failover_verify_url, so it is not known whether users are served "
        "(objective 1 h: unknown)"
    )


def test_a_failover_that_cannot_check_does_not_say_that_it_has_checked() -> None:
    role = Role(failover(records=[{"name": "checkout.example.com", "zone": "example.com"}], secondary_url=""))
    assert "no step has checked it" in said(role)["serves"]


@pytest.mark.parametrize(
    "given",
    [
        {"verify_url": "https://checkout.example.com/"},
        {"records": [{"name": "checkout.example.com", "answers": ["192.0.2.20"]}]},
    ],
    ids=["verified", "DNS"],
)
def test_users_are_seen_at_the_address_of_users_or_by_dns(given: Json) -> None:
    assert said(Role(failover(**given)))["serves"].startswith("the other site: users were seen to be served at ")


def test_check_mode_does_not_say_that_the_page_is_up() -> None:
    assert said(Role(failover(), check=True, page=PAGE))["page"] == "as before. A run would report: page enabled."


def test_an_acknowledgement_of_an_aborted_run_reports_how_to_finish_that() -> None:
    died = Cloud(locks={"check-1": EARLIER}, phase=(EARLIER, "running"))
    reported = said(Role(acknowledge(reason="looked"), died))["next"]
    assert f"To finish a failover:\n{BEGINS}failover{ENDS}\n" in reported


def test_an_acknowledgement_of_a_finished_failover_leads_to_its_failback() -> None:
    over = Cloud(locks={"check-1": EARLIER}, may={"next_phase": "failed_over"})
    reported = said(Role(acknowledge(reason="looked"), over))["next"]
    assert reported == f"repair the failed site. When traffic may return to it:\n{BEGINS}failback{ENDS}"


# What a failback leaves.


def failed_back(**more: t.Any) -> dict[str, str]:
    """The text of a failback's summary."""
    options, cloud = failback(**more.pop("given", {})), Cloud(locks={"check-1": EARLIER}, fails=more.pop("fails", {}))
    return said(Role(options, cloud, **more))


def test_a_failback_that_nobody_verified_does_not_say_that_the_site_was_seen() -> None:
    reported = failed_back(given={"steps": ["data_gates", "unlock"]})
    assert reported["serves"] == "the primary site, by its lock: no step has checked it"


def test_a_failback_that_fails_before_its_unlock_keeps_users_at_the_other_site() -> None:
    reported = failed_back(given={"move_writer_tasks": "w.yml"}, files={"/inventory/w.yml": "no"})
    assert reported["serves"].startswith("not confirmed: the lock keeps users at the other site")


def test_a_failback_that_fails_after_its_unlock_has_let_users_go() -> None:
    reported = failed_back(fails={"lb_maintenance_mode": "HTTP 500"}, page=PAGE)
    assert reported["serves"] == "not confirmed: users are on their way to the primary site"
    assert reported["locked"] == "nothing; check-1 is open"


def test_a_failback_that_is_undone_leaves_the_site_locked() -> None:
    quiesce = {"quiesce_tasks": "q.yml", "quiesce_undo_tasks": "u.yml"}
    reported = failed_back(given=quiesce, files={"/inventory/q.yml": "no"})
    assert reported["serves"] == "the other site, as before"
    assert reported["locked"].startswith("check-1, by lock ")


def test_where_nothing_was_to_be_done_who_serves_is_reported_by_the_lock() -> None:
    over = Cloud(locks={"check-1": EARLIER}, may={"already": True})
    assert said(Role(failover(), over))["serves"] == "the other site, as before"
    assert said(Role(failback()))["serves"] == "the primary site: its lock is released"


# What a failure leaves.

BREAKS = {"name": "own", "tasks": "x.yml"}


def broken(*, page_fails: bool = False) -> dict[str, str]:
    """The text of the summary of a planned failover in which a step after the page fails."""
    options = failover(type="planned", steps=["lock", "maintenance", BREAKS])
    cloud = Cloud(fails={"lb_maintenance_mode disabled": "HTTP 500"} if page_fails else {})
    return said(Role(options, cloud, files={"/inventory/x.yml": "it broke"}, page=PAGE))


def test_a_page_that_was_taken_down_again_is_reported_as_that() -> None:
    assert broken()["page"] == "page disabled."


def test_what_could_not_be_undone_is_named_with_what_it_leaves_unknown() -> None:
    reported = broken(page_fails=True)
    assert (reported["page"], reported["locked"]) == ("HTTP 500", f"not known by now; this run had lock {RUN}")
    assert (
        reported["next"]
        == f"undo by hand what could not be undone: maintenance. Then check the status:\n{BEGINS}status{ENDS}"
    )


def test_an_acknowledgement_that_fails_has_placed_no_lock() -> None:
    cloud = Cloud(locks={"check-1": EARLIER}, fails={"r53_healthcheck_lock": "no answer"})
    reported = said(Role(acknowledge(reason="looked"), cloud))
    assert reported["locked"] == "not known by now; this run placed no lock"
    assert reported["next"] == f"check the service, and run it again:\n{BEGINS}status{ENDS}"


# How it is printed.


@pytest.mark.parametrize(("given", "since"), [({}, "the decision"), ({"detected_at": NOW}, "detection")])
def test_the_recovery_time_begins_where_it_is_known_to(given: Json, since: str) -> None:
    seen = given | {"verify_url": "https://checkout.example.com/"}
    assert f" from {since}\n" in said(Role(failover(**seen)))["recovery time"]


def test_times_are_reported_to_the_second() -> None:
    assert re.search(r" answered at 2026-11-21T03:05:\d\dZ\.", said(Role(failover()))["serves"])


def test_further_lines_stand_below_the_first() -> None:
    *_others, first, command = text(Role(failover())).splitlines()
    assert first.index("repair") == command.index("ansible-playbook")


def test_the_explanation_says_why_a_run_may_begin() -> None:
    assert (
        explained(Role(failover(), Cloud(may={"msg": "Nothing holds it."})).go())[0]
        == "it may begin: Nothing holds it."
    )


def test_the_explanation_does_not_say_that_a_refused_run_may_begin() -> None:
    assert explained(Role(failover(), Cloud(may={"msg": "It is held.", "allowed": False})).go()) == []


def test_the_explanation_says_that_all_is_undone_where_nothing_is_final() -> None:
    assert explained(Role(failover(type="planned")).go())[-1] == "if a step fails, everything that was done is undone"


REPLICA: Json = {
    "replica": "orders-west",
    "source": "orders-east",
    "region": "us-west-2",
    "returning": {"replica": "orders-east-2", "region": "us-east-1"},
}
INSTANCE: Json = {"instance": "accounts", "writer": {"primary": "us-east-1a", "secondary": "us-east-1b"}}


def over_with(*databases: Json) -> Json:
    return failover(resources={"rds": list(databases)}, type="planned", fence_override={"reason": "r"})


def test_after_a_promotion_the_replica_is_built_before_the_failback() -> None:
    reported = said(Role(over_with(REPLICA, INSTANCE)))
    build, command = reported["next"].split("\n")
    assert build == (
        "repair the failed site. Then build the replica orders-east-2, with which the failback returns: run "
        "rds_failover with rebuild=true. When it has caught up and traffic may return to the site:"
    )
    assert command == f"{BEGINS}failback{ENDS}"


def test_a_promoted_replica_without_a_way_back_needs_one() -> None:
    reported = said(Role(over_with({**REPLICA, "returning": None})))
    assert "name in failover_resources (returning) the replica with which orders-west returns" in reported["next"]


def test_a_writer_that_only_moved_needs_no_replica() -> None:
    assert "replica" not in said(Role(over_with(INSTANCE)))["next"]


def test_check_mode_names_no_replica_to_build() -> None:
    assert "rebuild" not in said(Role(over_with(REPLICA), check=True))["next"]


def test_after_a_failback_with_a_replica_the_next_one_is_named() -> None:
    lag = {"db_instance": "orders-east-2", "source": "arn:aws:rds:us-west-2:123456789012:db:orders-west"}
    gate = {"name": "caught up", "rds_replica_lag": {**lag, "max_lag_seconds": 30}}
    options = failback(resources={"rds": [REPLICA]}, gates=[gate])
    reported = said(Role(options, Cloud(locks={"check-1": EARLIER})))
    assert reported["next"].startswith(
        "make a replica of orders-east-2 at the other site, and name it in failover_resources. Until then a failover "
        "is refused."
    )


class _StillReplica(Cloud):
    """A cloud whose replica was never promoted: the failover was aborted before."""

    def _answer_target(self, module: str, options: Json) -> Json:
        answer = super()._answer_target(module, options)
        if module != "rds_failover":
            return answer
        return answer | {"changed": False, "after": {"replica_of": "orders-east"}}


def test_a_failback_without_a_promotion_asks_for_no_other_replica() -> None:
    lag = {"db_instance": "orders-east-2", "source": "arn:aws:rds:us-west-2:123456789012:db:orders-west"}
    gate = {"name": "caught up", "rds_replica_lag": {**lag, "max_lag_seconds": 30}}
    options = failback(resources={"rds": [REPLICA]}, gates=[gate])
    reported = said(Role(options, _StillReplica(locks={"check-1": EARLIER})))
    assert reported["next"].startswith("nothing. To leave the site again:")
