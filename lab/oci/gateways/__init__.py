# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The part of the API Gateway service that pages need: gateways, and deployments that answer with stock responses."""
