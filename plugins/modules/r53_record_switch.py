#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Point DNS names of Route 53 to one of their two sites."""

from __future__ import annotations

DOCUMENTATION = r"""
module: r53_record_switch
short_description: Point DNS names of Route 53 to one of their two sites
version_added: 0.2.0
author:
  - The Tidegate authors (@tidegate)
description:
  - Changes simple, weighted, alias and multivalue answer records so that a name leads to its primary or to its
    secondary site. For names without failover routing. Names with failover routing follow their health checks, which
    M(tidegate.failover.r53_healthcheck_lock) locks.
  - The records of both sites are given, so the module can find out which site a name leads to. A name that leads to
    neither was changed by somebody else, and is refused.
  - The old records are deleted and the new ones created in one batch. Route 53 applies the whole batch or nothing, and
    only if the old records are exactly as they were read. If somebody changes a record in between, the module reads it
    and decides again.
  - Settings that are not named stay unchanged, such as the health check of a weighted record. Where a name has no
    record of the type, nothing is created.
  - Records of a traffic policy are refused. A tool that owns records, such as Terraform or ExternalDNS, puts back what
    it declares when it runs next; let the tool ignore these records, or stop it for as long as the other site serves.
  - The step C(dns) of the roles P(tidegate.failover.failover#role) and P(tidegate.failover.failback#role) runs this
    module with the targets under C(dns) in C(failover_resources).
extends_documentation_fragment:
  - tidegate.failover.attributes
  - tidegate.failover.attributes.action_group_aws
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  targets:
    description:
      - The names. If one fails, the others are still changed.
    type: list
    elements: dict
    required: true
    suboptions:
      zone:
        description:
          - The hosted zone, by name or id. If several public zones have the same name, give the id of the zone that the
            name is delegated to. For a private zone give its id.
        type: str
        required: true
      name:
        description:
          - The name of the records.
        type: str
        required: true
      type:
        description:
          - The type of the records, such as V(A), V(AAAA) or V(CNAME). A name with several types has a target for each.
        type: str
        default: A
      primary:
        description:
          - The records of the name while the primary site serves. Give one of O(targets[].primary.values),
            O(targets[].primary.alias), O(targets[].primary.weights) and O(targets[].primary.multivalue).
        type: dict
        required: true
        suboptions: &side
          values:
            description:
              - The values of a simple record. Their order does not matter.
            type: list
            elements: str
          ttl:
            description:
              - Seconds that resolvers may keep C(values). If not given, the record keeps its TTL. Give it for both
                sites or for none, because otherwise the TTL of the other site could not be restored. It is needed where
                the other site has an alias.
            type: int
          alias:
            description:
              - An alias record, such as one for a load balancer.
            type: dict
            suboptions:
              zone_id:
                description:
                  - The hosted zone of the alias target, such as the zone of load balancers in its Region.
                type: str
                required: true
              dns_name:
                description:
                  - The DNS name of the alias target.
                type: str
                required: true
              evaluate_target_health:
                description:
                  - Whether the health of the target counts.
                type: bool
                default: false
          weights:
            description:
              - The weight of each weighted record, by its set identifier. All weighted records of the name have to be
                given, because the share of each depends on all weights. At least one weight must be above 0, because if
                all are 0, Route 53 uses all records equally.
            type: dict
          multivalue:
            description:
              - All multivalue answer records of the name.
            type: list
            elements: dict
            suboptions:
              set_identifier:
                description:
                  - The set identifier, which distinguishes the record from the others.
                type: str
                required: true
              values:
                description:
                  - Its values.
                type: list
                elements: str
                required: true
              ttl:
                description:
                  - Seconds that resolvers may keep the values.
                type: int
                required: true
              health_check_id:
                description:
                  - The id of its health check. If not given, it has none.
                type: str
      secondary:
        description:
          - The records of the name while the secondary site serves, in the same form.
        type: dict
        required: true
        suboptions: *side
      wait_ttl:
        description:
          - Whether to wait until no resolver may keep the old answer any more. After the name servers have the change,
            this takes the TTL of the old record, or 60 seconds for an alias. An alias of another name in the same zone
            has the TTL of that name's records.
        type: bool
        default: true
  to:
    description:
      - The site that the names have to lead to.
    type: str
    required: true
    choices: [primary, secondary]
  type:
    description:
      - Whether the move is planned. It makes no difference to records.
    type: str
    default: planned
    choices: [planned, unplanned]
  run_id:
    description:
      - The run that moves the names. It is kept in the comment of the change.
    type: str
    default: ""
  wait_timeout:
    description:
      - Seconds that the whole task may take. If they run out after a name was changed, the task fails and reports that.
        The change stays.
    type: int
    default: 600
  wait_unchanged:
    description:
      - Whether to wait also for names that already lead to this site. An aborted run may have changed them a moment
        ago, and Route 53 does not report when that was. So the module replaces the records once with the same records,
        which changes no answer. It waits for that change, and then for the TTL of the other site's records.
      - The procedures set this option, because they run this step only if no earlier run has completed it. By default,
        a second run writes nothing and does not wait.
    type: bool
    default: false
    version_added: 0.2.0
notes:
  - "The credentials need C(route53:ListHostedZonesByName), C(route53:ListResourceRecordSets),
    C(route53:ChangeResourceRecordSets) and C(route53:GetChange)."
  - Route 53 keeps records in one Region (C(us-east-1)). Where that Region cannot be reached, no record can be changed.
"""

EXAMPLES = r"""
- name: Point static content to the secondary site
  tidegate.failover.r53_record_switch:
    to: secondary
    targets:
      - zone: example.com
        name: static.example.com
        primary:
          values: [192.0.2.1]
        secondary:
          values: [198.51.100.1]

- name: Send all requests to the weighted record of the secondary site
  tidegate.failover.r53_record_switch:
    to: secondary
    targets:
      - zone: example.com
        name: api.example.com
        primary:
          weights: {blue: 100, green: 0}
        secondary:
          weights: {blue: 0, green: 100}
"""

RETURN = r"""
msg:
  description: The result in a sentence, for a person.
  returned: always
  type: str
  sample: "static.example.com leads to the secondary site: 198.51.100.1 (TTL 60), in place of 192.0.2.1 (TTL 60)."
targets:
  description: The result of each name, in the order of O(targets).
  returned: always
  type: list
  elements: dict
  contains:
    name:
      description: Name and type of the records.
      returned: always
      type: str
      sample: static.example.com A
    zone:
      description: The zone as it was given.
      returned: always
      type: str
      sample: example.com
    changed:
      description: Whether it was changed.
      returned: always
      type: bool
      sample: true
    failed:
      description: Whether the target failed. It may have been changed before the failure.
      returned: always
      type: bool
      sample: false
    refused:
      description:
        - Whether the module refused to change the records in their present state. Otherwise a failure means that
          something could not be read or done.
      returned: always
      type: bool
      sample: false
    msg:
      description: The result in a sentence, for a person.
      returned: always
      type: str
      sample: "static.example.com leads to the secondary site: 198.51.100.1 (TTL 60), as it did."
    warnings:
      description: Other findings, for a person.
      returned: always
      type: list
      elements: str
      sample: []
    before:
      description: Its records before, or null where they could not be read.
      returned: always
      type: dict
      sample: {records: 192.0.2.1 (TTL 60)}
    after:
      description: Its records now, or as predicted in check mode.
      returned: always
      type: dict
      sample: {records: 198.51.100.1 (TTL 60)}
    change_id:
      description: The id of the change in Route 53. V(null) where nothing was changed.
      returned: always
      type: str
      sample: C2682N5HXP0BZ4
error_code:
  description:
    - The code of the failure, which also follows its message. The page "Troubleshooting" explains each code.
    - Each target that failed has its own, and that of the task is the first of them.
  returned: failure
  type: str
  sample: TG-ACCESS
"""

from ansible_collections.tidegate.failover.plugins.module_utils._module.r53_record_switch import create_module, run


def main() -> None:
    """Entry point."""
    run(create_module())


if __name__ == "__main__":
    main()
