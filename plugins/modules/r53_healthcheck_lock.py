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
  - The module locks with one compare-and-set C(UpdateHealthCheck). It replaces the path of the health check by a path
    that the endpoint does not have. The new path contains the original path and the id of the lock, as in
    C(/lb-check-failed-over?restore=%2Flb-check&lock=20261121T030405Z-3f9a1c2e). So the lock itself contains all that is
    needed to undo it. Nothing else of the health check changes.
  - Where a path alone would not lock the site out, the same call also disables and inverts the health check. Route 53
    counts that as unhealthy whatever the endpoint does.
  - A lock is never released by itself. Unlocking requires evidence that all O(required_gates) have passed. The evidence
    must be recent, and for this lock. An O(override) with a reason can skip gates, and must name each of them. This
    protects from accidents, not from people who may change health checks and act with intent.
  - Locking a locked health check keeps the existing lock. If two runs lock at the same time, one of them places the
    lock, and both return its id and owner.
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
      - The id of a new lock can only be predicted if O(lock_id) is given. The module sends requests to endpoints in
        check mode too.
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
      - Each target has its own lock and its own outcome in RV(targets). A target that fails or is refused does not stop
        the others. The task fails if any target failed.
      - All targets count together for O(records) and O(find_records). Two targets do not take out both sites of one
        name.
      - Cannot be combined with options of a single lock or service, such as O(lock_id) and O(secondary_url).
    type: list
    elements: dict
    suboptions:
      health_check_ids:
        description:
          - The ids of the service's health checks.
          - The first one carries the claim, so its path must have room for the id of the lock. If another run holds a
            lock on it, the target fails and none of its health checks is changed. The module locks the others after the
            first one, whether they were locked before or not.
          - A health check that an earlier target also names is refused.
        type: list
        elements: str
        required: true
      lock_id:
        description:
          - As O(lock_id), the id of this service's lock. A target that is already claimed with the same id is
            unchanged.
        type: str
        required: true
      replaces:
        description:
          - As O(replaces), the lock to take over on the first health check. On the other health checks the same lock is
            taken over too. Other health checks without a lock are locked.
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
          - A decision to take out this service's site although no other site is known to serve. It applies to this
            target only.
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
      - V(auto) pins the path if a request proves that this locks the site. If not, it also disables and inverts the
        health check. For the proof, the module requests the pinned path as a Route 53 checker would. An answer of 4xx,
        or one without the search string, is a proof. Route 53 counts 2xx and 3xx as healthy, so a site that answers
        every path, or redirects every path, would not be locked. An endpoint that does not answer proves nothing.
        Answers of 5xx, 408, 425 and 429 prove nothing either. They show the present state of the site, which may answer
        every path with 200 when it returns. If the endpoint answers a path that was pinned before with 2xx or 3xx now,
        the health check is disabled and inverted too.
      - V(path) only pins the path. It fails if the endpoint answers 2xx or 3xx to it. If the endpoint does not answer,
        or its answer proves nothing, the lock is placed and RV(health_checks[].fence) is V(unproven).
      - V(invert) always disables and inverts.
      - Health checks that have no path (C(TCP), C(CALCULATED), C(CLOUDWATCH_METRIC)) can only be disabled and inverted.
        V(path) refuses them.
      - The same applies to health checks whose path does not fit into the pinned path. The pinned path has room for
        about 190 characters, and each character other than letters, digits and C(_.-~) takes three. V(auto) and
        V(invert) leave such a path unchanged, so only the two settings have to be restored. The id of such a lock
        consists of health check and version, as for health checks without a path, and no run can take the lock over.
      - C(RECOVERY_CONTROL) is refused, because Route 53 does not allow updates of such a health check. The message
        names the routing control that switches it, and the command that does so.
      - A health check that is already disabled and inverted counts as locked. A health check that is only disabled, or
        only inverted, is refused.
    type: str
    choices: [auto, path, invert]
    default: auto
  restore_path:
    description:
      - With O(state=unlocked), the path to restore where the lock does not contain it, because another tool pinned the
        path. Empty if the health check had no path. With O(replaces), the path that the new lock contains in such a
        case.
      - If not given, unlocking uses the copy of the path in the health check's tags. It does so only if the version of
        the health check shows exactly one change after the lock of that copy. After more changes the copy may be
        outdated, so this option is required. RV(health_checks[].lock_before) shows all copies, also in check mode.
    type: str
  lock_id:
    description:
      - With O(state=locked), the id of the new lock, such as V(20261121T030405Z-3f9a1c2e). A run can give its own id
        here. Health checks without a path, or with a path that does not fit, cannot carry an id. If not given, the
        module chooses the id. Give each lock a new id.
      - With O(state=unlocked), only this lock is released. Any other lock, such as a newer one, is refused.
      - If the path does not carry an id, the id of the lock consists of the health check and its version, as in
        V(233e180f-f023-45a3-954e-415303f21eab@7). So any change of the health check makes it another lock.
      - The gate C(hold_down) counts from the time in the id. An id that the module chooses contains the time that AWS
        reports, not the time of this machine. The module warns if the two times differ by more than a minute.
    type: str
  replaces:
    description:
      - With O(state=locked), take this lock over, so that its id is O(lock_id) from then on. The module changes only
        the id, with one compare-and-set, so the site stays locked out all the time. The tags of the new lock replace
        the tags of the old one.
      - The task is refused if there is another lock, or none. So if two runs try to take over the same lock, only one
        succeeds.
      - If another tool placed the lock and did not keep the original path, the lock is taken over only with
        O(restore_path).
    type: str
  owner:
    description:
      - Who locks, such as V(operator:alice), V(change:CHG-1234) or V(alarm:checkout). At most 64 characters. It is kept
        in a tag of the health check for people to read.
      - An existing lock keeps its owner and reason. They change only when another run takes the lock over, with
        O(replaces) and another O(lock_id).
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
      - Without any gates, unlocking always requires an O(override) with a reason.
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
          - The digest of the gate's definition. A result of a gate with another definition does not count.
        type: str
        required: true
  evidence:
    description:
      - What the gates observed. A dictionary with C(lock_ids), the list of the locks that it is for; C(date), when it
        was put together; and C(gates), a list with C(name), C(digest), C(passed), C(observed), C(expected), C(from) and
        C(to) of each gate. Times are as in RFC 3339, with a zone.
      - It must contain exactly one result of each gate of O(required_gates) that O(override) does not skip. Each of
        these gates must have passed within the last O(max_evidence_age) seconds. A time up to five seconds in the
        future is accepted, because clocks may differ.
      - Evidence is refused where the clock of the machine that runs the module differs by more than a minute from that
        of AWS, because a clock that was set back makes old evidence appear fresh. Set the clock right, or skip the
        gates with O(override).
    type: dict
  max_evidence_age:
    description:
      - Maximum age in seconds of the evidence as a whole, and of each result in it.
    type: int
    default: 300
  override:
    description:
      - With O(state=unlocked), a decision to unlock although some gates have not passed.
      - With O(state=locked), a decision to take a site out although no other site is known to serve.
    type: dict
    suboptions:
      checks:
        description:
          - With O(state=locked), V(last serving site). Then the module does not check whether another site serves, and
            the task prints a warning with the reason.
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
      - Lock a health check only if the last probes of Route 53's checkers report it in this state. Otherwise it is left
        unchanged, the task succeeds, and RV(health_checks[].held_back) gives the reason. For callers that follow
        events, which may be late, repeated or wrong. A health check that is already locked stays locked.
      - A health check that no checker probes, such as one of the type C(CALCULATED), never counts as V(unhealthy) here.
      - With O(state=unlocked) it has no effect.
    type: str
    choices: [unhealthy]
  records:
    description:
      - The DNS records whose traffic the locks move. With O(state=locked), the module locks no health check if, with
        all locks of the task on, one of these names had no other record that is known to serve. So one task does not
        lock both a primary and its secondary either.
      - A record is known to serve if its health check is healthy by the last probes of Route 53's checkers, or enough
        children of its calculated health check are. A record proves nothing if it has no health check, follows its
        target (C(EvaluateTargetHealth)), has a disabled health check, is for a location other than the default, or
        cannot be read.
      - The module reads the records once for each task. It reads the other sites' health checks right before it writes
        each lock. Two tasks that lock the two sites of one name at the same moment can still both succeed.
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
      - Find the records that O(records) would name. The module searches all public hosted zones of the account for
        records that use the health checks. A health check that no record uses is not locked, unless O(secondary_url)
        answers.
      - This takes one request for each hundred zones, and one for each three hundred records of a zone. Name O(records)
        where an account has many.
    type: bool
    default: false
  trust_alias_targets:
    description:
      - Whether a record that also follows its target (C(EvaluateTargetHealth)) is known to serve while its health check
        is healthy. The health of the target itself is not read.
      - For set-ups whose health checks probe the load balancer that the alias leads to, such as the set-up in
        Keycloak's guides. If Route 53 still counts the target as unhealthy, all records of the name are unhealthy, and
        Route 53 answers with the record of the locked site.
      - A record without a health check proves nothing with this option either.
    type: bool
    default: false
  secondary_url:
    description:
      - An address of the other site only, not an address that clients use. If it answers with 200 twice in a row, this
        proves the health of a site that has no health check in Route 53. A health check that fails still counts more.
        If the address does not answer within 20 s, nothing is locked.
      - It counts for every name whose traffic the task moves, so lock the sites of only one service in a task with it.
    type: str
  if_last_site:
    description:
      - The result for a health check that is not locked because no other site is known to serve. V(refuse) fails the
        task, and the other health checks are still locked. With V(hold_back) the task succeeds and
        RV(health_checks[].held_back) gives the reason, for callers that follow events.
    type: str
    choices: [refuse, hold_back]
    default: refuse
  wait_for:
    description:
      - Wait until the health check is in this state by the last probes of Route 53's checkers. It is healthy if more
        than 18 % of the checkers succeed. Probes from before the change do not count. The module waits for missing
        probes if they could change the result. A disabled health check has no probes, so its configuration gives the
        result at once.
      - Route 53 itself changes the state only after as many consecutive probes as the health check's failure threshold,
        and resolvers keep DNS answers for their TTL.
    type: str
    choices: [unhealthy, healthy]
  wait_timeout:
    description:
      - Seconds that the task may take in all, for conflicts, throttling, temporary failures, and O(wait_for).
      - The module gives up after a few attempts if an endpoint never answers.
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
  - Health checks are changed through Route 53's control plane, which runs in us-east-1 only. Have a second fence in
    case that region fails.
  - If no record of a group is healthy, Route 53 treats all of them as healthy. So traffic can reach a locked site while
    the other site is down too.
  - When all locks are on, the module writes owner, reason and a copy of the original path to tags of the health check.
    Their keys begin with C(tidegate-lock-). Only the copy matters, and only if a tool that ignores versions, such as
    the Lambda of the Keycloak guides, overwrites the pinned path. A run that finds locks in place reads the tags of the
    last ten, and completes them where an earlier run could not. A run that locks or unlocks also removes tags of older
    locks, which remain if a tool that ignores these tags released the locks.
  - If the copy cannot be kept, the task fails and the locks stay on. A health check can have ten tags in all. If that
    limit is the reason, the message lists the tags and how many to remove. If only owner and reason have no room, there
    is a warning.
  - The module changes health checks in parallel, and slows down when Route 53 throttles requests.
  - Terraform and other tools that manage a health check would undo its lock. Let these tools ignore its path, and
    whether it is disabled and inverted.
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

- name: Unlock the site with evidence for exactly that lock
  tidegate.failover.r53_healthcheck_lock:
    state: unlocked
    health_check_ids: [233e180f-f023-45a3-954e-415303f21eab]
    lock_id: "{{ locked.health_checks[0].lock.id }}"
    required_gates: "{{ gates }}"
    evidence: "{{ evidence }}"
    wait_for: healthy

- name: Unlock the site although one gate has not passed
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

- name: Release a lock of a Lambda that did not keep the path
  tidegate.failover.r53_healthcheck_lock:
    state: unlocked
    health_check_ids: [233e180f-f023-45a3-954e-415303f21eab]
    restore_path: /lb-check
    override:
      reason: Sites were synchronised by hand, CHG-1234

- name: Lock a site out if another site is known to serve all its names
  tidegate.failover.r53_healthcheck_lock:
    state: locked
    health_check_ids: [233e180f-f023-45a3-954e-415303f21eab]
    find_records: true

- name: Lock a site out although no other site is known to serve
  tidegate.failover.r53_healthcheck_lock:
    state: locked
    health_check_ids: [233e180f-f023-45a3-954e-415303f21eab]
    records: [{zone: example.com, name: checkout.example.com, type: A}]
    override:
      checks: [last serving site]
      reason: CHG-1234, it corrupts orders

- name: Lock all services of a data center out, each with its own lock
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
      description: The requested id of this target's lock.
      returned: always
      type: str
      sample: 20261121T030405Z-3f9a1c2e
    changed:
      description: Whether anything was written for the target, or may have been written because the outcome of a
        request is unknown.
      returned: always
      type: bool
      sample: true
    failed:
      description: Whether the target does not match the requested state. Then it was not claimed, or not locked
        completely.
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
        - What was found and done for each health check of the target, in the form of RV(health_checks). Empty if the
          target was refused before anything was read.
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
      description: Whether anything was written, or may have been written because the outcome of a request is unknown.
      returned: always
      type: bool
      sample: true
    failed:
      description: Whether the health check does not match the requested state.
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
      description: The settings that a lock can change, as they were found. V(null) if they could not be read.
      returned: always
      type: dict
      sample: {resource_path: /lb-check, disabled: false, inverted: false}
    after:
      description: The same settings as they are now, or as predicted in check mode.
      returned: always
      type: dict
      sample:
        resource_path: /lb-check-failed-over?restore=%2Flb-check&lock=20261121T030405Z-3f9a1c2e
        disabled: false
        inverted: false
    version:
      description: The version of its configuration, which increases with each change.
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
            - V(tidegate), V(foreign) for a pinned path without lock id and original path, or V(hand) for a health check
              that is only disabled and inverted. V(null) where only tags could distinguish V(tidegate) from V(hand),
              and the tags were not read.
          returned: always
          type: str
          sample: tidegate
        original_path:
          description: The path that unlocking restores, as the lock contains it. V(null) if there was none.
          returned: always
          type: str
          sample: /lb-check
        original_path_known:
          description: Whether the lock contains the original path. If not, unlocking needs O(restore_path) or a copy.
          returned: always
          type: bool
          sample: true
        recovery_copies:
          description:
            - Where the lock does not contain the original path, its copies in the tags, if the tags were read.
            - Each has C(lock_id), C(path), and C(version), which is the version of the health check with that lock. A
              copy counts only if the version of the health check is now the next one.
          returned: always
          type: list
          elements: dict
          sample: []
        since:
          description: When the lock was placed, if its id contains the time.
          returned: always
          type: str
          sample: '2026-11-21T03:04:05Z'
        owner:
          description: Who placed the lock. V(null) if that is not known, or the tags were not read.
          returned: always
          type: str
          sample: operator:alice
        reason:
          description: Why the lock was placed. V(null) in the same cases.
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
        - Why the health check was left unlocked; see O(only_if_health) and O(if_last_site). Empty otherwise.
      returned: always
      type: str
      sample: ''
    observed:
      description: The last observations of the checkers. V(null) without O(wait_for).
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
