# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documentation of the options that sign in to Cloud Foundry."""

from __future__ import annotations


class ModuleDocFragment:
    """The counterpart of ``cf_argument_spec()`` in ``module_utils/_module/cf_options.py``."""

    DOCUMENTATION = r"""
requirements:
  - python >= 3.11
options:
  api_url:
    description:
      - The address of the Cloud Foundry API, as C(cf api) prints it, such as V(https://api.cf.example.com).
      - An address that is not encrypted is refused, unless it is on this machine.
      - If not set, the value of E(CF_API_URL) is used.
    type: str
  uaa_url:
    description:
      - The address of the UAA, where tokens are issued. If not given, the module uses the address that the API reports.
      - If not set, the value of E(CF_UAA_URL) is used.
    type: str
  client_id:
    description:
      - The UAA client to sign in as. With O(client_secret) and without O(username) the module signs in by client
        credentials, which is the usual way for programs.
      - If not set, the value of E(CF_CLIENT_ID) is used.
    type: str
  client_secret:
    description:
      - The secret of O(client_id).
      - If not set, the value of E(CF_CLIENT_SECRET) is used.
    type: str
  username:
    description:
      - The user to sign in as with O(password). The module uses the client V(cf), unless O(client_id) names another
        client.
      - If not set, the value of E(CF_USER) is used.
    type: str
  password:
    description:
      - The password of O(username).
      - If not set, the value of E(CF_PASSWORD) is used.
    type: str
  origin:
    description:
      - The identity provider of O(username), if the UAA has several.
      - If not set, the value of E(CF_ORIGIN) is used.
    type: str
  token:
    description:
      - An access token, as C(cf oauth-token) prints it, with or without V(bearer) before it. It is used until the API
        refuses it. Then the module signs in by the other options, if they are given.
      - If not set, the value of E(CF_ACCESS_TOKEN) is used.
    type: str
  refresh_token:
    description:
      - A refresh token of the client V(cf), or of O(client_id). The module gets access tokens with it.
      - If not set, the value of E(CF_REFRESH_TOKEN) is used.
    type: str
  validate_certs:
    description:
      - Whether the certificates of the API and the UAA must be valid. With V(false), anybody on the network path can
        read the tokens.
    type: bool
    default: true
  ca_path:
    description:
      - Path of a file with the certificate authorities to trust, in PEM format, instead of those of the system.
      - If not set, the value of E(CF_CA_FILE) is used.
    type: path
notes:
  - The module uses C(http_proxy), C(https_proxy) and C(no_proxy) of the environment.
"""
