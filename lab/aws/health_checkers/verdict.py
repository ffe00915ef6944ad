# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Whether a health check is healthy, from its settings and what its checkers think. No I/O and no clock.

Source: the Developer Guide of Route 53, "How Amazon Route 53 determines whether a health check is healthy".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lab.aws.route53_health_checks.config import ENDPOINT_TYPES

#: More than this share of the checkers must report healthy.
HEALTHY_SHARE = 0.18


class Verdicts:
    """Derives verdicts from four sources.

    :param config_of: the settings of a health check, by id; None for an unknown one.
    :param healthy_share_of: the share of a check's checkers that think it healthy.
    :param alarm_health_of: whether the alarm of a check's settings says healthy.
    :param control_is_on: whether the routing control of an ARN is on.
    """

    def __init__(
        self,
        config_of: Callable[[str], Mapping[str, Any] | None],
        healthy_share_of: Callable[[str], float],
        alarm_health_of: Callable[[str, Mapping[str, Any]], bool],
        control_is_on: Callable[[str], bool] = lambda _arn: True,
    ) -> None:
        self._config_of = config_of
        self._healthy_share_of = healthy_share_of
        self._alarm_health_of = alarm_health_of
        self._control_is_on = control_is_on

    def is_healthy(self, check_id: str) -> bool:
        """The verdict that DNS answers follow. A record whose check was deleted is treated as healthy."""
        config = self._config_of(check_id)
        if config is None:
            return True
        # Disabled stops the checking and stands for healthy, so that together with Inverted it is always unhealthy.
        observed = True if config["Disabled"] else self._observed(check_id, config)
        inverted: bool = config["Inverted"]
        return observed != inverted

    def _observed(self, check_id: str, config: Mapping[str, Any]) -> bool:
        check_type = config["Type"]
        if check_type in ENDPOINT_TYPES:
            return self._healthy_share_of(check_id) > HEALTHY_SHARE
        if check_type == "CALCULATED":
            children = config["ChildHealthChecks"]
            threshold: int = config["HealthThreshold"]
            return sum(self.is_healthy(child) for child in children) >= threshold
        if check_type == "CLOUDWATCH_METRIC":
            return self._alarm_health_of(check_id, config)
        return self._control_is_on(config["RoutingControlArn"])
