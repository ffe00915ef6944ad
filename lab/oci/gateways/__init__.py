# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The API Gateway service as far as pages need it: gateways, and deployments that answer with stock responses."""
