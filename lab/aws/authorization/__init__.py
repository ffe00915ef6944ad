# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Whether a principal's policies allow a call, and how the service refuses it.

The lab does not use moto's own enforcement: moto names actions by the signing name (``monitoring:`` for CloudWatch),
checks every call on the resource ``*``, so that a statement on an ARN allows nothing, and treats a condition that does
not hold as a denial. The lab uses moto's store of users, roles and policies.
"""
