# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Load balancers to switch in the lab, and what the lab saw of who switched them."""

from __future__ import annotations

from collections import Counter
from copy import deepcopy
from datetime import datetime
from typing import Any

import oci
from oci.load_balancer import LoadBalancerClient

from lab.process import RunningLab

from .measuring import BenchError

LISTENER = "http"

Json = dict[str, Any]


class MaintenanceLab:
    """So many load balancers like the lab's own, each with one listener to switch.

    :ivar ids: their OCIDs.
    :ivar rule_set: the rule set that redirects to the maintenance page.
    """

    def __init__(self, lab: RunningLab, balancers: int) -> None:
        """Make the load balancers."""
        self._lab = lab
        checkout = lab.info["oci"]["load_balancers"]["checkout"]
        self.rule_set: str = checkout["rule_set"]
        self.ids = [f"{checkout['id'][:-4]}{number:04x}" for number in range(balancers)]
        self._pristine = without_traffic(lab.control("GET", f"/oci/loadBalancers/{checkout['id']}")["document"])
        # The lab's own redirects to HTTPS.
        self._pristine["listeners"][LISTENER]["ruleSetNames"] = []
        config = oci.config.from_file(lab.info["oci"]["config_file"], lab.info["oci"]["config_profile"])
        self._client = LoadBalancerClient(config, service_endpoint=lab.info["oci"]["endpoint"])

    def sign_in(self) -> dict[str, str]:
        """The address and credentials of the lab, as options of a task."""
        oci_lab = self._lab.info["oci"]
        return {
            "config_file_location": oci_lab["config_file"],
            "config_profile_name": oci_lab["config_profile"],
            "service_endpoint": oci_lab["endpoint"],
        }

    def set_work_request_seconds(self, seconds: float) -> None:
        """Let every change take so long from now on."""
        self._lab.control("PATCH", "/oci/settings", {"work_request_seconds": seconds})

    def begin(self, documents: list[Json] | None = None) -> None:
        """Put every load balancer back to what it was, or to what ``documents`` say, and forget all requests."""
        for identifier, document in zip(self.ids, documents or [self._pristine] * len(self.ids), strict=True):
            self._lab.control("PUT", f"/oci/loadBalancers/{identifier}", {**document, "displayName": identifier[-4:]})
        self._lab.control("DELETE", "/requests")

    def documents(self) -> list[Json]:
        """Every load balancer as it is."""
        return [self._lab.control("GET", f"/oci/loadBalancers/{identifier}")["document"] for identifier in self.ids]

    def check_attached(self, balancers: int) -> None:
        """See that so many have been switched, and the others have not, so that only real work is measured.

        :raises BenchError: it is otherwise.
        """
        attached = [self.rule_set in found["listeners"][LISTENER]["ruleSetNames"] for found in self.documents()]
        if attached != [number < balancers for number in range(len(self.ids))]:
            raise BenchError(f"{balancers} load balancers should show the page, but {sum(attached)} do")

    def calls(self) -> dict[str, int]:
        """The number of calls of each operation since :meth:`begin`."""
        return dict(Counter(request["operation"] for request in self._lab.requests()))

    def noticed(self) -> tuple[float, ...]:
        """For each work request that was awaited since :meth:`begin`: seconds from its end to the last poll of it.

        A client polls until it has ended, so the last poll is the one that noticed. Both times are the lab's, to
        the millisecond.
        """
        looks = {
            request["path"].rpartition("/")[2]: datetime.fromisoformat(request["time"])
            for request in self._lab.requests()
            if request["operation"] == "GetWorkRequest"
        }
        return tuple(
            (last_look - self._client.get_work_request(identifier).data.time_finished).total_seconds()
            for identifier, last_look in looks.items()
        )


def without_traffic(checkout: Json) -> Json:
    """A load balancer like ``checkout``, with its plain listeners, and no backends to check all the time.

    The lab keeps its listeners' ports for ``checkout``, which has them already.
    """
    document = deepcopy(checkout)
    document["certificates"] = {}
    document["listeners"] = {
        name: listener for name, listener in document["listeners"].items() if not listener["sslConfiguration"]
    }
    for backend_set in document["backendSets"].values():
        backend_set["backends"] = []
    return document
