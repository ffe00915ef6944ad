# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A program on the bare OCI SDK that attaches a rule set, and then records who holds it.

Or give the listener another default backend set in place of that.

One call to read a load balancer, one to write its listener, one to write the hold, and polls of each work request as
often as the module polls it. One thread for each load balancer. It decides nothing, checks nothing and retries nothing.
"""

from __future__ import annotations

import argparse
import time
from concurrent.futures import ThreadPoolExecutor

import oci
from oci.load_balancer import LoadBalancerClient
from oci.load_balancer.models import UpdateListenerDetails, UpdateLoadBalancerDetails

#: As the module: so that the difference between the two is work, and not how often they poll.
POLL_SECONDS = 0.4


def main() -> None:
    """Attach the rule set on all load balancers side by side."""
    options = _options()
    with ThreadPoolExecutor(max_workers=len(options.load_balancer_ids)) as threads:
        for _done in threads.map(lambda identifier: _attach(options, identifier), options.load_balancer_ids):
            pass


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    for name in ("--config_file_location", "--config_profile_name", "--service_endpoint", "--listener"):
        parser.add_argument(name, required=True)
    page = parser.add_mutually_exclusive_group(required=True)
    page.add_argument("--rule_set")
    page.add_argument("--page_backend_set")
    parser.add_argument("load_balancer_ids", nargs="+")
    return parser.parse_args()


def _attach(options: argparse.Namespace, identifier: str) -> None:
    config = oci.config.from_file(options.config_file_location, options.config_profile_name)
    client = LoadBalancerClient(config, service_endpoint=options.service_endpoint)
    attach(client, identifier, options.listener, options.rule_set, options.page_backend_set)


def attach(
    client: LoadBalancerClient, identifier: str, name: str, rule_set: str | None, page_backend_set: str | None = None
) -> None:
    """Put the page up on one load balancer, if nobody changed it in between; then record the hold."""
    found = client.get_load_balancer(identifier)
    listener = found.data.listeners[name]
    details = UpdateListenerDetails(
        default_backend_set_name=page_backend_set or listener.default_backend_set_name,
        port=listener.port,
        protocol=listener.protocol,
        connection_configuration=listener.connection_configuration,
        rule_set_names=[*([rule_set] if rule_set else []), *listener.rule_set_names],
    )
    answer = client.update_listener(details, identifier, name, if_match=found.headers["etag"])
    wait(client, answer)
    tags = {**found.data.freeform_tags, "page-held-by": "operator"}
    wait(client, client.update_load_balancer(UpdateLoadBalancerDetails(freeform_tags=tags), identifier))


def wait(client: LoadBalancerClient, answer: oci.response.Response) -> None:
    """Wait until a change has succeeded. :raises RuntimeError: it failed."""
    work_request_id = answer.headers["opc-work-request-id"]
    while (seen := client.get_work_request(work_request_id).data).lifecycle_state != "SUCCEEDED":
        if seen.lifecycle_state == "FAILED":
            raise RuntimeError(str(seen.error_details))
        time.sleep(POLL_SECONDS)


if __name__ == "__main__":
    main()
