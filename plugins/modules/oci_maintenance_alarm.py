#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Create the alarm, topic and subscription that switch a maintenance page."""

from __future__ import annotations

DOCUMENTATION = r"""
module: oci_maintenance_alarm
short_description: Create the OCI alarm, topic and subscription that switch a maintenance page
version_added: 0.2.0
author:
  - The Tidegate authors (@tidegate)
description:
  - Creates a topic of OCI Notifications, a subscription to it, and an alarm of OCI Monitoring which fires when all
    backends of a backend set are unhealthy. The alarm's messages name the load balancer, the backend set and the rule
    set, as the rulebook C(oci_maintenance) of this collection expects it.
  - The query is C(UnHealthyBackendServers[1m]{...}.groupBy(resourceId, backendSetName).max() >= N), where N is the
    number of backends that get traffic. Published tutorials compare with C(>= 1). That fires when a single backend
    fails while the others still serve, and sends no second message when the others fail too, because the alarm is
    firing already.
  - N is the number of backends when the module runs. Run the module again after adding or removing backends.
  - Notifications are split, so each backend set gets its own messages.
  - What it creates has the freeform tag C(tidegate-setup). Objects without that tag are never changed or deleted,
    unless O(adopt) is set.
extends_documentation_fragment:
  - tidegate.failover.attributes
  - tidegate.failover.attributes.action_group_oci
  - tidegate.failover.oci
attributes:
  check_mode:
    support: full
    details:
      - The endpoint gets no request to confirm its subscription.
  diff_mode:
    support: full
    details:
      - Passwords of endpoints are never shown.
  idempotent:
    support: full
options:
  state:
    description:
      - V(present) creates what is missing, and changes what differs.
      - V(absent) deletes the alarm, its subscription and the topic. A topic with other subscriptions is an error.
    type: str
    choices: [present, absent]
    default: present
  name:
    description:
      - Name of the topic and of the alarm. The names of topics are unique in a tenancy.
      - Letters, digits, dashes and underscores.
    type: str
    required: true
  compartment_id:
    description:
      - OCID of the compartment for topic, subscription and alarm.
    type: str
    required: true
  metric_compartment_id:
    description:
      - OCID of the compartment of the load balancer. If not given, O(compartment_id). With another compartment, the
        alarm finds no metrics and never fires.
    type: str
  load_balancer_id:
    description:
      - OCID of the load balancer. Required for O(state=present).
    type: str
  backend_set:
    description:
      - The backend set whose failure puts the page up. Required for O(state=present).
      - Backup, drained and offline backends are not counted, because they do not keep a service up by themselves.
    type: str
  rule_set:
    description:
      - The rule set with the redirect to the page. Required for O(state=present). It has to exist.
    type: str
  rule_set_to_come:
    description:
      - Whether O(rule_set) is created after this task, so that it need not exist in check mode. Without check mode the
        rule set has to exist in any case.
    type: bool
    default: false
  query:
    description:
      - A query to use instead of the query for all backends.
      - A query is refused if it can never fire, never recovers, is about another metric, load balancer or backend set,
        or cannot be judged. If a query fires before all backends are unhealthy, there is a warning.
    type: str
  endpoint:
    description:
      - The HTTPS address of the rulebook, as OCI reaches it from the internet. Its certificate has to be issued by a
        public authority.
      - OCI Notifications does not accept query parameters in the address.
      - One of O(endpoint), O(function_id) and O(topic_id) is required for O(state=present).
    type: str
  endpoint_username:
    description:
      - The user name with which OCI signs in to the endpoint, by HTTP Basic authentication. OCI offers no other
        authentication.
    type: str
  endpoint_password:
    description:
      - The password of O(endpoint_username). If OCI shows the endpoint with its password, and the password differs, the
        module creates the subscription again. If OCI does not show the password, change O(endpoint_username) too.
    type: str
  function_id:
    description:
      - OCID of a function to call instead of an endpoint. It needs no confirmation.
    type: str
  topic_id:
    description:
      - OCID of an existing topic, for an alarm that shares the topic with another alarm. Then the module creates,
        changes and deletes no topic and no subscription, not even with O(state=absent).
    type: str
  pending_minutes:
    description:
      - How many minutes all backends have to be unhealthy before the alarm fires, 1 to 60. With 1 the first
        evaluation counts.
      - Recovery is not delayed. The alarm recovers as soon as it is clear for a minute.
    type: int
    default: 1
  repeat_minutes:
    description:
      - Minutes after which the message is sent again while the alarm fires, so that a lost message does not leave
        users without the page. 1 to 43200; V(0) sends it once.
    type: int
    default: 5
  slack_minutes:
    description:
      - How many minutes the evaluation stays behind the present, 3 to 120, so that late metrics count. OCI does not
        take less than 3, so an alarm fires four to five minutes after the failure at the earliest.
    type: int
    default: 3
  severity:
    description:
      - The alarm's severity.
    type: str
    choices: [CRITICAL, ERROR, WARNING, INFO]
    default: CRITICAL
  adopt:
    description:
      - Manage objects with these names that another tool created. They get the tag, and O(state=absent) deletes them.
    type: bool
    default: false
  wait_timeout:
    description:
      - Seconds that the task may take, in all, including the wait until the endpoint confirms its subscription. The
        source of the rulebook confirms by itself, so the rulebook has to be running. It confirms only for the topics
        that it was given. With a new topic the task fails at first, and reports the OCID of the topic. Give the OCID to
        the rulebook, and run the task again.
    type: int
    default: 600
notes:
  - O(service_endpoint) is used for load balancers, alarms and topics. Leave it out unless one address serves all of
    them.
  - The credentials need policies such as C(allow group sre to manage alarms in compartment web), C(allow group sre to
    read metrics in compartment web), C(allow group sre to manage ons-family in compartment web) and C(allow group sre
    to read load-balancers in compartment web).
seealso:
  - module: tidegate.failover.oci_maintenance_page
  - module: tidegate.failover.oci_stock_response
  - module: tidegate.failover.lb_maintenance_mode
"""

EXAMPLES = r"""
- name: Put the page up when all backends of checkout fail
  tidegate.failover.oci_maintenance_alarm:
    name: checkout-maintenance
    compartment_id: ocid1.compartment.oc1..aaaaexample
    load_balancer_id: ocid1.loadbalancer.oc1.iad.aaaaexample
    backend_set: app
    rule_set: maintenance-page
    endpoint: https://eda.example.com/oci
    endpoint_username: oci
    endpoint_password: "{{ vault_endpoint_password }}"

- name: Call a function instead, and only after five minutes
  tidegate.failover.oci_maintenance_alarm:
    name: checkout-maintenance
    compartment_id: ocid1.compartment.oc1..aaaaexample
    load_balancer_id: ocid1.loadbalancer.oc1.iad.aaaaexample
    backend_set: app
    rule_set: maintenance-page
    function_id: ocid1.fnfunc.oc1.iad.aaaaexample
    pending_minutes: 5

- name: Send the alarms of another backend set to the same topic
  tidegate.failover.oci_maintenance_alarm:
    name: search-maintenance
    compartment_id: ocid1.compartment.oc1..aaaaexample
    load_balancer_id: ocid1.loadbalancer.oc1.iad.aaaaexample
    backend_set: search
    rule_set: maintenance-page
    topic_id: ocid1.onstopic.oc1.iad.aaaaexample

- name: Remove the alarm, its subscription and the topic
  tidegate.failover.oci_maintenance_alarm:
    state: absent
    name: checkout-maintenance
    compartment_id: ocid1.compartment.oc1..aaaaexample
"""

RETURN = r"""
steps:
  description: What was written, or would be in check mode, in order.
  returned: always
  type: list
  elements: str
  sample: ["topic 'checkout-maintenance' created", "alarm 'checkout-maintenance' created"]
before:
  description: Topic, subscriptions and alarm as they were found. Passwords are left out.
  returned: always
  type: dict
  sample: {topic: null, subscriptions: [], alarm: null}
after:
  description: The same objects as they are now, or as predicted in check mode.
  returned: always
  type: dict
  sample:
    topic: {name: checkout-maintenance, freeformTags: {tidegate-setup: oci_maintenance_alarm}}
    subscriptions: [{protocol: CUSTOM_HTTPS, endpoint: "https://eda.example.com/oci"}]
    alarm: {displayName: checkout-maintenance, severity: CRITICAL, pendingDuration: PT1M}
topic_id:
  description: OCID of the topic, which the rulebook has to be given.
  returned: when present and not in check mode
  type: str
  sample: ocid1.onstopic.oc1.iad.aaaaexample
subscription_id:
  description: OCID of the subscription.
  returned: when present and not in check mode, without O(topic_id)
  type: str
  sample: ocid1.onssubscription.oc1.iad.aaaaexample
alarm_id:
  description: OCID of the alarm.
  returned: when present and not in check mode
  type: str
  sample: ocid1.alarm.oc1.iad.aaaaexample
error_code:
  description:
    - The code of the failure, which also follows its message. The page "Troubleshooting" explains each code.
  returned: failure
  type: str
  sample: TG-ACCESS
"""

from ansible_collections.tidegate.failover.plugins.module_utils._module.oci_maintenance_alarm import create_module, run


def main() -> None:
    """Entry point."""
    run(create_module())


if __name__ == "__main__":
    main()
