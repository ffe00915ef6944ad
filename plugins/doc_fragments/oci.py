# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documentation of the options that sign in to OCI."""

from __future__ import annotations


class ModuleDocFragment:
    """The counterpart of ``oci_argument_spec()`` in ``module_utils/_module/oci_options.py``."""

    DOCUMENTATION = r"""
requirements:
  - python >= 3.11
  - oci >= 2.120 (the Oracle Cloud Infrastructure Python SDK)
options:
  config_file_location:
    description:
      - Path of the OCI configuration file, C(~/.oci/config) if not given.
      - Needed for V(api_key) unless the O(api_user), O(api_user_fingerprint), O(api_user_key_file), O(tenancy) and
        O(region) options are all given. Always needed for V(security_token) and V(instance_obo_user).
      - If not set, the value of E(OCI_CONFIG_FILE) is used.
      - The file has to be UTF-8 without a byte order mark (BOM), with each section, and each key of a section, only
        once. The SDK cannot read other files.
    type: path
  config_profile_name:
    description:
      - The profile of the configuration file to use, V(DEFAULT) if not given. If the profile does not exist, the task
        fails.
      - If not set, the value of E(OCI_CONFIG_PROFILE) is used.
    type: str
  api_user:
    description:
      - OCID of the user to sign in as with an API key. Overrides C(user) of the profile.
      - If not set, the value of E(OCI_USER_ID) is used.
    type: str
  api_user_fingerprint:
    description:
      - Fingerprint of the API key. Overrides C(fingerprint) of the profile.
      - If not set, the value of E(OCI_USER_FINGERPRINT) is used.
    type: str
  api_user_key_file:
    description:
      - Path of the private key, in PEM format. Overrides C(key_file) of the profile.
      - If not set, the value of E(OCI_USER_KEY_FILE) is used.
    type: path
  api_user_key_pass_phrase:
    description:
      - Pass phrase of the private key, if it is encrypted. Overrides C(pass_phrase) of the profile.
      - If not set, the value of E(OCI_USER_KEY_PASS_PHRASE) is used.
    type: str
  auth_type:
    description:
      - How to sign in.
      - V(api_key) signs with the key of a user.
      - V(security_token) uses the short-lived token that C(oci session authenticate) writes. The module does not renew
        it, and OCI refuses an expired token.
      - V(instance_principal) signs as the OCI compute instance on which the module runs. V(instance_obo_user) signs as
        that instance on behalf of a user, whose C(delegation_token_file) is in the profile.
      - V(resource_principal) signs as the OCI resource, such as a function, in which the module runs.
      - If not set, the value of E(OCI_ANSIBLE_AUTH_TYPE) is used.
    type: str
    choices: [api_key, instance_principal, instance_obo_user, resource_principal, security_token]
    default: api_key
  auth_purpose:
    description:
      - Ask for a certificate of a service principal. Only with O(auth_type=instance_principal), and rarely needed.
    type: str
    choices: [service_principal]
  tenancy:
    description:
      - OCID of the tenancy. Overrides C(tenancy) of the profile.
      - If not set, the value of E(OCI_TENANCY) is used.
    type: str
  region:
    description:
      - The region where the load balancer is, such as V(us-ashburn-1). Overrides C(region) of the profile.
      - OCI reports a load balancer in another region as not found.
      - If not set, the value of E(OCI_REGION) is used.
    type: str
  cert_bundle:
    description:
      - Path of a file with the certificate authorities to trust, for private endpoints and inspecting proxies.
      - If not set, the value of E(OCI_ANSIBLE_CERT_BUNDLE) is used.
    type: path
  realm_specific_endpoint_template_enabled:
    description:
      - Use the endpoint names that are specific to the realm. This has no effect if O(service_endpoint) is given.
      - If not set, the value of E(OCI_REALM_SPECIFIC_SERVICE_ENDPOINT_TEMPLATE_ENABLED) is used.
    type: bool
  service_endpoint:
    description:
      - The address for the calls, instead of the region's public endpoint, such as V(https://iaas.private.example.com).
      - Scheme, host and port only. A path is refused, and so are IPv6 addresses.
    type: str
"""
