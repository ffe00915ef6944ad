# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Which ports are sure, by how an app is built."""

from __future__ import annotations

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._cloudfoundry_route.destinations import Destination
from ansible_collections.tidegate.failover.plugins.module_utils._cloudfoundry_route.fitness import (
    default_port,
    ports_that_close,
    unsure_ports,
)

OWN_PORT = Destination("shop", port=9000)


@pytest.mark.parametrize("lifecycle", ["buildpack", "cnb", "kpack"])
def test_only_images_bring_ports_of_their_own(lifecycle: str) -> None:
    built = {"shop": {"lifecycle": {"type": lifecycle}}}
    assert (unsure_ports([OWN_PORT], built), ports_that_close([OWN_PORT], built)) == ([], [OWN_PORT])
    assert default_port(built["shop"], [{"instance_ports": [{"internal": 9000}]}]) == 8080


def test_the_port_of_an_image_may_be_its_default() -> None:
    image = {"shop": {"lifecycle": {"type": "docker"}}}
    assert (unsure_ports([OWN_PORT], image), ports_that_close([OWN_PORT], image)) == ([OWN_PORT], [])
