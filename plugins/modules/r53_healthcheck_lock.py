#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Lock Route 53 health checks, so that a failed site gets no traffic back by itself, and unlock them with evidence."""

from __future__ import annotations

DOCUMENTATION = r"""
module: r53_healthcheck_lock
short_description: Lock a failed site out by its Route 53 health checks, and unlock it with evidence
version_added: 0.2.0
author:
  - The Tidegate authors (@tidegate)
description:
  - Locks health checks. A locked health check is unhealthy even when its endpoint is up again, so DNS failover does
    not send traffic back to a site that is not ready for it.
  - One compare-and-set C(UpdateHealthCheck) does it. The path of the health check is replaced by one that the endpoint
    does not have, which carries the original path and the id of the lock along, as in
    C(/lb-check-failed-over?restore=%2Flb-check&lock=20261121T030405Z-3f9a1c2e). So what is needed to undo a lock can
    never be lost apart from it. Nothing else of the health check changes.
  - Where a path alone would not hold, the health check is also disabled and inverted, in the same call. Route 53 counts
    that as unhealthy whatever the endpoint does.
  - A lock is never released by itself. Unlocking takes evidence that all O(required_gates) have passed, fresh and for
    this lock, or an O(override) that names each gate it skips. This protects from accidents, not from people who
    may change health checks and act with intent.
  - Locking a locked health check keeps the lock that is there. So of two runs that lock at once one places the lock,
    and both return its id and owner.
extends_documentation_fragment:
  - tidegate.failover.attributes
  - tidegate.failover.attributes.action_group_aws
  - tidegate.failover.r53_healthchecks
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
attributes:
  check_mode:
    support: full
    details:
      - The id of a new lock can only be predicted if O(lock_id) gives it. Endpoints are asked in check mode too.
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  state:
    description:
      - V(locked) makes the health checks unhealthy until somebody unlocks them.
      - V(unlocked) restores exactly what the lock changed.
    type: str
    required: true
    choices: [locked, unlocked]
  targets:
    description:
      - With O(state=locked), the services to claim, instead of one list of health checks. Use it where many services
        are locked together, such as all of a data center. Health checks and tags are read together for all of them,
        and all locks are placed before anything else is written.
      - Each target has its own lock and its own outcome in RV(targets). One that fails or is refused does not stop the
        others. The task fails if any target failed.
      - All targets count together for O(records) and O(find_records). Two targets do not take out both sites of one
        name.
      - Not to be combined with the options that are those of a single lock or service, such as O(lock_id) and
        O(secondary_url).
    type: list
    elements: dict
    suboptions:
      health_check_ids:
        description:
          - The ids of the service's health checks.
          - The first one carries the claim, so it has to be one whose path can carry the id of the lock. If another
            run holds a lock on it, the target fails and none of its health checks is changed. The others are locked
            once the first one is, whether they were locked before or not.
          - A health check that an earlier target names too is refused.
        type: list
        elements: str
        required: true
      lock_id:
        description:
          - As O(lock_id), what the lock of this service is called. With the same id again, a target that was claimed
            already is unchanged.
        type: str
        required: true
      replaces:
        description:
          - As O(replaces), the lock to take over on the first health check. Where the others have the same lock, it is
            taken over too; where they have none, they are locked.
        type: str
      restore_path:
        description:
          - As O(restore_path), with O(targets[].replaces).
        type: str
      method:
        description:
          - As O(method), which is used if this is not given.
        type: str
        choices: [auto, path, invert]
      owner:
        description:
          - As O(owner), which is used if this is not given.
        type: str
      reason:
        description:
          - As O(reason), which is used if this is not given.
        type: str
      override:
        description:
          - A decision to take out this service's site although no other one is known to serve. It holds for this target
            alone.
        type: dict
        suboptions:
          checks:
            description:
              - As O(override.checks).
            type: list
            elements: str
            choices: [last serving site]
            default: []
          reason:
            description:
              - Why.
            type: str
            required: true
  method:
    description:
      - How to lock.
      - V(auto) pins the path if that is proven to lock, and disables and inverts the health check as well if it is
        not. Proof is that the endpoint, asked for the pinned path now as a Route 53 checker would, answers 4xx, or
        without the search string. Route 53 counts 2xx and 3xx as healthy, so a site that answers every path, or
        redirects every path, would not be locked; nor can a dead endpoint prove anything. 5xx, and 408, 425 and 429,
        prove nothing either. They show the present state of the site, and it may answer every path with 200 when it
        returns. A path that was pinned before and is answered with 2xx or 3xx now is disabled and inverted too.
      - V(path) only pins the path. It fails if the endpoint answers 2xx or 3xx to it. If the endpoint does not answer,
        or answers with what proves nothing, the lock is placed and RV(health_checks[].fence) is V(unproven).
      - V(invert) always disables and inverts.
      - Health checks that have no path (C(TCP), C(CALCULATED), C(CLOUDWATCH_METRIC)) can only be disabled and inverted.
        V(path) refuses them.
      - So can those whose path does not fit into the pinned one, which has room for about 190 characters; each sign
        other than letters, digits and C(_.-~) takes three. V(auto) and V(invert) leave such a path as it is, so
        nothing has to be restored but the two settings. Their lock is called by health check and version, as where
        there is no path, and nothing can take it over.
      - C(RECOVERY_CONTROL) is refused, because Route 53 lets nobody update such a health check. The message names the
        routing control that switches it, and the command that does so.
      - A health check that is already disabled and inverted is locked. One that is only disabled, or only inverted, is
        refused.
    type: str
    choices: [auto, path, invert]
    default: auto
  restore_path:
    description:
      - With O(state=unlocked), the path to restore where the lock does not carry it, because something else pinned the
        path. Empty if the health check had none. With O(replaces), the path that the new lock carries in such a case.
      - Without it, unlocking uses the copy in the health check's tags, if the version of the health check shows that
        one single change came after the lock that the copy is of. After more of them it may be outdated, so this
        option is asked for. RV(health_checks[].lock_before) shows all copies, also in check mode.
    type: str
  lock_id:
    description:
      - With O(state=locked), what the new lock is called, so that a run can name itself, as in
        V(20261121T030405Z-3f9a1c2e). Health checks without a path, or with one that does not fit, cannot
        carry a name. Chosen by the module if not given. Give each lock a new name.
      - With O(state=unlocked), only this lock is released. Any other one, such as a newer one, is refused.
      - A lock whose path does not carry an id is called by the health check and its version, as in
        V(233e180f-f023-45a3-954e-415303f21eab@7), so that any change by anybody makes it another lock.
      - The gate C(hold_down) counts from the time in the name. A name that the module chooses holds the time that AWS
        reports, not that of the clock of this machine. The module warns if the two differ by more than a minute.
    type: str
  replaces:
    description:
      - With O(state=locked), take this lock over, so that it is called O(lock_id) from then on. One compare-and-set
        does it, and the rest of the lock stays as it is, so the site is locked out all the time. Its tags give way to
        those of the new one.
      - Any other lock, or none, is refused. So of two runs that try to take over the same lock only one succeeds.
      - A lock that something else placed, which did not keep the original path, is taken over only with
        O(restore_path).
    type: str
  owner:
    description:
      - Who locks, such as V(operator:alice), V(change:CHG-1234) or V(alarm:checkout). At most 64 characters. It is kept
        in a tag of the health check for people to read.
      - A lock that is there already keeps its owner and reason. They change only with the holder of the lock, so only
        with O(replaces) and another O(lock_id).
    type: str
    default: operator
  reason:
    description:
      - Why, for people. At most 100 characters. It is kept in a tag of the health check. Characters that AWS does not
        allow there become underscores.
    type: str
    default: ''
  required_gates:
    description:
      - With O(state=unlocked), the gates that must have passed.
      - Without any, unlocking always takes an O(override) with a reason.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description:
          - The name of the gate.
        type: str
        required: true
      digest:
        description:
          - The digest of the gate's definition, so that a result of a gate that was defined otherwise does not count.
        type: str
        required: true
  evidence:
    description:
      - What the gates observed. A dictionary with C(lock_ids), the list of the locks that it is for; C(date), when it
        was put together; and C(gates), a list with C(name), C(digest), C(passed), C(observed), C(expected), C(from) and
        C(to) of each gate. Times are as in RFC 3339, with a zone.
      - It has to hold exactly one result of each gate of O(required_gates) that O(override) does not skip, passed, and
        from the last O(max_evidence_age) seconds. Up to five seconds from the future are taken for clocks that differ.
      - Evidence is refused where the clock of the machine that runs the module differs by more than a minute from that
        of AWS, because a clock that was set back makes old evidence appear fresh. Set the clock right, or skip the
        gates with O(override).
    type: dict
  max_evidence_age:
    description:
      - Seconds that the evidence as a whole, and each result in it, may be old.
    type: int
    default: 300
  override:
    description:
      - With O(state=unlocked), a decision to unlock although some gates have not passed.
      - With O(state=locked), a decision to take a site out although no other one is known to serve.
    type: dict
    suboptions:
      checks:
        description:
          - With O(state=locked), V(last serving site). Whether another site serves is not checked then, and the task
            warns of it with the reason.
        type: list
        elements: str
        choices: [last serving site]
        default: []
      gates:
        description:
          - With O(state=unlocked), the name of each gate that is skipped. All have to be names of O(required_gates).
            Empty only where no gates are required.
        type: list
        elements: str
        default: []
      reason:
        description:
          - Why.
        type: str
        required: true
  only_if_health:
    description:
      - Lock a health check only if the last probes of Route 53's checkers report it in this state. Otherwise it is
        left unchanged, the task succeeds, and RV(health_checks[].held_back) gives the reason. For callers that follow
        events, which may be late, repeated or wrong. One that is locked already stays locked.
      - A health check that no checker probes, such as one of the type C(CALCULATED), is never V(unhealthy) to this.
      - With O(state=unlocked) it has no effect.
    type: str
    choices: [unhealthy]
  records:
    description:
      - The DNS records whose traffic the locks move. With O(state=locked), no health check is locked if one of these
        names would be left without another record that is known to serve once all locks of the task are on. So a
        primary and its secondary are not locked by one task either.
      - A record is known to serve if the last probes of Route 53's checkers make its health check healthy, or enough of
        the children of a calculated one. One without a health check, one that follows its target
        (C(EvaluateTargetHealth)), one that is disabled, one of a place that is not the default, and one that cannot be
        read, prove nothing.
      - What the records are is read once for a task. The other sites' health checks are read right before each lock is
        written. Two tasks that lock the sites of one name at the same moment can still pass each other.
    type: list
    elements: dict
    default: []
    suboptions:
      zone:
        description:
          - The public hosted zone, such as V(example.com). Its id, where several public zones have that name.
        type: str
        required: true
      name:
        description:
          - The name of the records.
        type: str
        required: true
      type:
        description:
          - Their type.
        type: str
        default: A
  find_records:
    description:
      - Find these records, as O(records) would name them, in all public hosted zones of the account, by the health
        checks that they use. A health check that no record uses is not locked, unless O(secondary_url) answers.
      - Costs a request for each hundred zones and one for each three hundred records of each of them. Name O(records)
        where an account has many.
    type: bool
    default: false
  trust_alias_targets:
    description:
      - Whether a record that also follows its target (C(EvaluateTargetHealth)) is known to serve while its health check
        is healthy. The health of the target itself is not read.
      - For set-ups whose health checks probe the very load balancer that the alias leads to, such as that of Keycloak's
        guides. Where Route 53 counts the target as unhealthy all the same, all records of the name are unhealthy, and
        Route 53 answers with the record of the locked site.
      - A record that has no health check proves nothing with this either.
    type: bool
    default: false
  secondary_url:
    description:
      - An address of the other site alone, not one that clients use. If it answers with 200 twice in a row, it proves
        the health of a site that has no health check in Route 53. It does not outweigh a health check that fails, and
        if it does not answer within 20 s nothing is locked.
      - It speaks for every name whose traffic the task moves, so lock the sites of one service at a time with it.
    type: str
  if_last_site:
    description:
      - The result for a health check that is not locked because no other site is known to serve. V(refuse) fails the
        task, with the others locked all the same. With V(hold_back) the task succeeds and
        RV(health_checks[].held_back) gives the reason, for callers that follow events.
    type: str
    choices: [refuse, hold_back]
    default: refuse
  wait_for:
    description:
      - Wait until the last probes of Route 53's checkers make the health check so. More than 18 % of the checkers have
        to succeed for healthy. Probes from before the change do not count, and those that are still to come are waited
        for if they could turn the verdict. A disabled health check has no probes; there the configuration answers at
        once.
      - Route 53 itself turns a verdict only after as many probes in a row as the health check's failure threshold is,
        and DNS answers live on for their TTL.
    type: str
    choices: [unhealthy, healthy]
  wait_timeout:
    description:
      - Seconds that the task may take in all, for conflicts, throttling, failures that pass, and O(wait_for).
      - An endpoint that never answers at all is given up after a few attempts.
    type: int
    default: 600
notes:
  - The credentials need C(route53:GetHealthCheck), C(route53:UpdateHealthCheck), C(route53:ChangeTagsForResource),
    C(route53:ListTagsForResources) and C(route53:ListTagsForResource); C(route53:ListHealthChecks) for more than four
    health checks or other ways to name them than O(health_check_ids); and C(route53:GetHealthCheckStatus) for
    O(wait_for) and O(only_if_health).
  - For O(records) they need C(route53:ListHostedZonesByName), for O(find_records) C(route53:ListHostedZones), and for
    both C(route53:ListResourceRecordSets), and C(route53:GetHealthCheck) and C(route53:GetHealthCheckStatus) of the
    other sites' health checks.
  - Changing health checks is part of Route 53's control plane, which runs in us-east-1 alone. Have a second fence for
    the day when just that region fails.
  - If no record of a group is healthy, Route 53 treats all of them as healthy. So traffic can reach a locked site while
    the other site is down too.
  - Owner, reason and a copy of the original path go into tags of the health check whose keys begin with
    C(tidegate-lock-), once all locks are on. Only the copy matters, and only where a writer that knows no versions,
    such as the Lambda of the Keycloak guides, overwrites the pinned path. A run that finds locks in place reads the
    tags of the last ten, and completes them where a run before it could not. A run that locks or unlocks also removes
    tags of older locks, which are left where those were released by a tool that does not know the tags.
  - If the copy cannot be kept the task fails, with the locks on. A health check can have ten tags in all. Where that is
    the reason, the message lists them and how many to remove. If only owner and reason have no room, there
    is a warning.
  - Health checks are changed side by side. Requests are paced by the throttling that is met.
  - Terraform and other tools that manage a health check would undo its lock. Let them ignore its path, and whether it
    is disabled and inverted.
seealso:
  - module: tidegate.failover.r53_healthcheck_info
  - name: How Route 53 determines whether a health check is healthy
    description: The checkers' rules, in the Developer Guide of Route 53.
    link: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html
"""

EXAMPLES = r"""
- name: Lock the failed site out
  tidegate.failover.r53_healthcheck_lock:
    state: locked
    health_check_ids: [233e180f-f023-45a3-954e-415303f21eab]
    owner: operator:alice
    reason: CHG-1234 data center down
    wait_for: unhealthy
  register: locked

- name: Lock every health check of a site, whatever its endpoints answer
  tidegate.failover.r53_healthcheck_lock:
    state: locked
    health_check_tags:
      site: frankfurt
    method: invert

- name: Let the site back in with evidence for exactly that lock
  tidegate.failover.r53_healthcheck_lock:
    state: unlocked
    health_check_ids: [233e180f-f023-45a3-954e-415303f21eab]
    lock_id: "{{ locked.health_checks[0].lock.id }}"
    required_gates: "{{ gates }}"
    evidence: "{{ evidence }}"
    wait_for: healthy

- name: Let the site back in although one gate has not passed
  tidegate.failover.r53_healthcheck_lock:
    state: unlocked
    health_check_names: [checkout primary]
    required_gates: "{{ gates }}"
    evidence: "{{ evidence }}"
    override:
      gates: [sessions are back]
      reason: CHG-1234, users sign in again

- name: Take over the lock of an aborted run, and no other lock
  tidegate.failover.r53_healthcheck_lock:
    state: locked
    health_check_ids: [233e180f-f023-45a3-954e-415303f21eab]
    replaces: 20261121T030405Z-3f9a1c2e
    lock_id: 20261121T040506Z-00c0ffee
    owner: operator:bob
    reason: The first run was killed, CHG-1234

- name: Release a lock that a Lambda placed, which did not keep the path
  tidegate.failover.r53_healthcheck_lock:
    state: unlocked
    health_check_ids: [233e180f-f023-45a3-954e-415303f21eab]
    restore_path: /lb-check
    override:
      reason: Sites were synchronised by hand, CHG-1234

- name: Lock a site out if another one is known to serve all its names
  tidegate.failover.r53_healthcheck_lock:
    state: locked
    health_check_ids: [233e180f-f023-45a3-954e-415303f21eab]
    find_records: true

- name: Lock a site out although no other one is known to serve
  tidegate.failover.r53_healthcheck_lock:
    state: locked
    health_check_ids: [233e180f-f023-45a3-954e-415303f21eab]
    records: [{zone: example.com, name: checkout.example.com, type: A}]
    override:
      checks: [last serving site]
      reason: CHG-1234, it corrupts orders

- name: Lock all services of a data center out, each one with a lock of its own
  tidegate.failover.r53_healthcheck_lock:
    state: locked
    owner: operator:alice
    reason: CHG-1234 data center down
    targets:
      - health_check_ids: [233e180f-f023-45a3-954e-415303f21eab]
        lock_id: 20261121T030405Z-3f9a1c2e
      - health_check_ids: [7f000001-0000-4000-8000-000000000002, 7f000001-0000-4000-8000-000000000003]
        lock_id: 20261121T030405Z-00c0ffee
"""

RETURN = r"""
msg:
  description: What happened, in a sentence.
  returned: always
  type: str
  sample: >-
    Locked by operator:alice, lock 20261121T030405Z-3f9a1c2e; it is proven to hold: the endpoint answers the pinned path
    with 404.
targets:
  description: The result of each target, in the order given.
  returned: with O(targets)
  type: list
  elements: dict
  contains:
    lock_id:
      description: The id that the lock of this target was to have.
      returned: always
      type: str
      sample: 20261121T030405Z-3f9a1c2e
    changed:
      description: Whether anything was written for it, or may have been because its outcome is unknown.
      returned: always
      type: bool
      sample: true
    failed:
      description: Whether it does not match the requested state. It was not claimed then, or not locked completely.
      returned: always
      type: bool
      sample: false
    msg:
      description: What happened. For a failure, what was observed, what was expected and what to do.
      returned: always
      type: str
      sample: >-
        Locked by operator:alice, lock 20261121T030405Z-3f9a1c2e; it is proven to hold: the endpoint answers the pinned
        path with 404.
    health_checks:
      description:
        - What was found and done, for each of its health checks in the form of RV(health_checks). Empty if the target
          was refused before anything was read.
      returned: always
      type: list
      elements: dict
      sample: []
health_checks:
  description: What was found and done, for each health check in the order given.
  returned: without O(targets)
  type: list
  elements: dict
  contains:
    health_check_id:
      description: The id of the health check.
      returned: always
      type: str
      sample: 233e180f-f023-45a3-954e-415303f21eab
    name:
      description: Its C(Name) tag. V(null) if it has none, or its tags were not read.
      returned: always
      type: str
      sample: checkout primary
    type:
      description: Its type.
      returned: always
      type: str
      sample: HTTPS
    changed:
      description: Whether anything was written, or may have been because its outcome is unknown.
      returned: always
      type: bool
      sample: true
    failed:
      description: Whether it does not match the requested state.
      returned: always
      type: bool
      sample: false
    msg:
      description: What happened. For a failure, what was observed, what was expected and what to do.
      returned: always
      type: str
      sample: >-
        Locked by operator:alice, lock 20261121T030405Z-3f9a1c2e; it is proven to hold: the endpoint answers the pinned
        path with 404.
    before:
      description: What a lock can change, as it was found. V(null) if it could not be read.
      returned: always
      type: dict
      sample: {resource_path: /lb-check, disabled: false, inverted: false}
    after:
      description: The same as it is now. In check mode, as it would be.
      returned: always
      type: dict
      sample:
        resource_path: /lb-check-failed-over?restore=%2Flb-check&lock=20261121T030405Z-3f9a1c2e
        disabled: false
        inverted: false
    version:
      description: The version of its configuration, which counts up with each change.
      returned: always
      type: int
      sample: 8
    lock_before:
      description: The lock that was found on it, in the form of RV(health_checks[].lock). V(null) if there was none.
      returned: always
      type: dict
      sample: null
    lock:
      description: The lock that is on it now. V(null) if there is none.
      returned: always
      type: dict
      contains:
        id:
          description: The id of the lock.
          returned: always
          type: str
          sample: 20261121T030405Z-3f9a1c2e
        method:
          description: V(path) if the path is pinned, V(invert) if it is disabled and inverted.
          returned: always
          type: str
          sample: path
        placed_by:
          description:
            - V(tidegate), V(foreign) for a pinned path that carries nothing along, or V(hand) for a health check that
              is only disabled and inverted. V(null) where only tags could distinguish the first from the last, and
              they were not read.
          returned: always
          type: str
          sample: tidegate
        original_path:
          description: The path that unlocking restores, as the lock holds it. V(null) if there was none.
          returned: always
          type: str
          sample: /lb-check
        original_path_known:
          description: Whether the lock holds it. If not, unlocking needs O(restore_path) or a copy.
          returned: always
          type: bool
          sample: true
        recovery_copies:
          description:
            - Where the lock does not hold the original path, the copies of it in the tags, if those were read.
            - Each has C(lock_id), C(path) and C(version), at which its lock was on. One counts only if the version of
              the health check is the next after that.
          returned: always
          type: list
          elements: dict
          sample: []
        since:
          description: When it was placed, if its id holds the time.
          returned: always
          type: str
          sample: '2026-11-21T03:04:05Z'
        owner:
          description: Who placed it. V(null) if that is not known, or the tags were not read.
          returned: always
          type: str
          sample: operator:alice
        reason:
          description: Why, with the same exceptions.
          returned: always
          type: str
          sample: CHG-1234 data center down
    fence:
      description: V(proven) if the lock is known to hold, V(unproven) if not. V(null) where nothing is locked.
      returned: always
      type: str
      sample: proven
    fence_how:
      description: How that is known.
      returned: always
      type: str
      sample: the endpoint answers the pinned path with 404
    held_back:
      description:
        - Why it was left as it is although it is not locked; see O(only_if_health) and O(if_last_site). Empty
          otherwise.
      returned: always
      type: str
      sample: ''
    observed:
      description: What the checkers saw at last. V(null) without O(wait_for).
      returned: always
      type: dict
      sample: {health: unhealthy, how: 0 of 16 checkers see success, share: 0.0}
error_code:
  description:
    - The code of the failure, which also follows its message. The page "Troubleshooting" explains each code.
    - Each target that failed has its own, and that of the task is the first of them.
  returned: failure
  type: str
  sample: TG-LAST-SITE
"""

from ansible_collections.tidegate.failover.plugins.module_utils._module.r53_healthcheck_lock import create_module, run


def main() -> None:
    """Run the module."""
    run(create_module())


if __name__ == "__main__":
    main()
