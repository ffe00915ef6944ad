# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filters that plan the changes of the role aws_setup."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Mapping

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError, with_code
from ansible_collections.tidegate.failover.plugins.module_utils._setup import (
    aws_result,
    fencing,
    function,
    site_resources,
)

Json = dict[str, t.Any]


def aws_setup_plan(options: Mapping[str, t.Any], found: Mapping[str, t.Any]) -> Json:
    """See ``aws_setup_plan.yml`` beside this file."""
    return _planned(fencing.plan, options, found)


def aws_setup_function_plan(options: Mapping[str, t.Any], found: Mapping[str, t.Any]) -> Json:
    """See ``aws_setup_function_plan.yml`` beside this file."""
    return _planned(function.plan_function, options, found)


def aws_setup_places(options: Mapping[str, t.Any]) -> list[Json]:
    """See ``aws_setup_places.yml`` beside this file."""
    return site_resources.places(dict(options))


def aws_setup_resources_plan(options: Mapping[str, t.Any], found: Mapping[str, t.Any]) -> Json:
    """See ``aws_setup_resources_plan.yml`` beside this file."""
    return _planned(site_resources.plan_resources, options, found)


def aws_setup_result(
    options: Mapping[str, t.Any], plan: Mapping[str, t.Any], made: Mapping[str, t.Any]
) -> dict[str, t.Any]:
    """See ``aws_setup_result.yml`` beside this file."""
    return aws_result.result(dict(options), dict(plan), dict(made))


def _planned(plan: Callable[[Json, Json], Json], options: Mapping[str, t.Any], found: Mapping[str, t.Any]) -> Json:
    """A plan, or the reason of a refusal. An exception in a template would get Ansible's own text around the reason."""
    try:
        return plan(dict(options), dict(found))
    except RefusedError as problem:
        return {"refused": with_code(str(problem), problem.code)}


class FilterModule:
    """The filters of this file, by name."""

    def filters(self) -> dict[str, Callable[..., t.Any]]:
        """Return the filters, which Ansible requests from a filter plugin."""
        return {
            "aws_setup_function_plan": aws_setup_function_plan,
            "aws_setup_places": aws_setup_places,
            "aws_setup_plan": aws_setup_plan,
            "aws_setup_resources_plan": aws_setup_resources_plan,
            "aws_setup_result": aws_setup_result,
        }
