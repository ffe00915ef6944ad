# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Keeps passwords inside addresses out of the output, where ``no_log`` has no effect.

Passwords of proxies in the environment are not hidden: Ansible would remove a proxy's password "web" also from the
names of listeners in results, which roles read.
"""

from __future__ import annotations

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.tidegate.failover.plugins.module_utils._record.redaction import address_secrets


class DiscreetModule(AnsibleModule):
    """An Ansible module that shows no password of an address, also where its options are wrong."""

    def _load_params(self) -> None:
        """Find the passwords before options are checked, because an error there shows all options at ``-vvv``."""
        super()._load_params()
        self.no_log_values.update(address_secrets(self.params))
