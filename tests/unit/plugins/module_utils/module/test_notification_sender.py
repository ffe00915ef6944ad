# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A message is sent once: again only where it cannot have arrived."""

from __future__ import annotations

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._aws import notifications as sns
from ansible_collections.tidegate.failover.plugins.module_utils._converge import Deadline
from ansible_collections.tidegate.failover.plugins.module_utils._errors import (
    RefusedError,
    TransientError,
    WaitTimeoutError,
)
from ansible_collections.tidegate.failover.plugins.module_utils._module.notification_sender import sent_once
from ansible_collections.tidegate.failover.plugins.module_utils._oci import notifications as ons

from ..clocks import FakeClock


class Service:
    """Takes a message after so many setbacks."""

    def __init__(self, *setbacks: TransientError) -> None:
        self.setbacks = list(setbacks)
        self.asked = 0

    def __call__(self) -> str:
        self.asked += 1
        if self.setbacks:
            raise self.setbacks.pop(0)
        return "message-1"


BUSY = TransientError("busy", effect_unknown=False)
LOST = TransientError("the response got lost", effect_unknown=True)


def deadline() -> Deadline:
    return Deadline(30, FakeClock())


def test_a_busy_service_is_asked_again() -> None:
    service = Service(BUSY, BUSY)
    assert (sent_once(service, deadline()), service.asked) == ("message-1", 3)


def test_a_message_that_may_have_arrived_is_not_sent_again() -> None:
    service = Service(LOST)
    with pytest.raises(TransientError, match="the response got lost"):
        sent_once(service, deadline())
    assert service.asked == 1


def test_it_is_not_tried_for_ever() -> None:
    with pytest.raises(WaitTimeoutError, match="ran out"):
        sent_once(Service(*[BUSY] * 1000), deadline())


@pytest.mark.parametrize("subject", ["x" * 101, "two\nlines"])
def test_sns_would_not_take_such_a_subject(subject: str) -> None:
    with pytest.raises(RefusedError, match="SNS takes subjects of one line with at most 100 characters"):
        sns.publish(None, "arn:aws:sns:us-east-1:123456789012:on-call", subject, "text", None)


def test_sns_would_not_take_so_long_a_message() -> None:
    with pytest.raises(RefusedError, match="SNS takes 262144"):
        sns.publish(None, "arn:aws:sns:us-east-1:123456789012:on-call", "subject", "x" * 262144, None)


def test_oci_would_not_take_so_long_a_message() -> None:
    with pytest.raises(RefusedError, match="OCI Notifications takes 65536"):
        ons.publish(None, "ocid1.onstopic.oc1.iad.aaaaexample", "title", "x" * 65536)
