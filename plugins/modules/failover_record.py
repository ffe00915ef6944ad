#!/usr/bin/python
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Append the record of a run to a file."""

from __future__ import annotations

DOCUMENTATION = r"""
module: failover_record
short_description: Append the record of a failover or failback to a file
version_added: 0.2.0
author:
  - The Tidegate authors (@tidegate)
description:
  - Adds a record, as one line of JSON, to the file of its service, C(SERVICE.jsonl). Existing lines are
    never changed, so the file holds the whole history of a service.
  - The module writes the line in one write, under a file lock. The line is on disk when the task ends. Runs for other
    services, or on other controllers that share the folder, do not interfere.
extends_documentation_fragment:
  - tidegate.failover.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
    details:
      - The record is the difference.
  idempotent:
    support: full
    details:
      - A record that is already the last one in the file is not added again.
options:
  record:
    description:
      - The record, as the filter P(tidegate.failover.procedure_record#filter) makes it.
    type: dict
    required: true
  directory:
    description:
      - The folder of the files. The module creates it, accessible to its owner only, if it does not exist.
    type: path
    required: true
seealso:
  - plugin: tidegate.failover.procedure_record
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Append the record
  tidegate.failover.failover_record:
    record: "{{ procedure_record }}"
    directory: /var/lib/tidegate/records
"""

RETURN = r"""
path:
  description: The file of the service.
  returned: always
  type: str
  sample: /var/lib/tidegate/records/checkout.jsonl
error_code:
  description:
    - The code of the failure, which also follows its message. The page "Troubleshooting" explains each code.
  returned: failure
  type: str
  sample: TG-RECORD
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.tidegate.failover.plugins.module_utils._errors import TidegateError, failure
from ansible_collections.tidegate.failover.plugins.module_utils._record.journal import append, journal_path


def main() -> None:
    """Entry point."""
    module = AnsibleModule(
        argument_spec={
            "record": {"type": "dict", "required": True},
            "directory": {"type": "path", "required": True},
        },
        supports_check_mode=True,
    )
    record = module.params["record"]
    try:
        path = journal_path(module.params["directory"], str(record.get("service", "")))
        module.exit_json(changed=append(path, record, check=module.check_mode), path=str(path))
    except TidegateError as problem:
        module.fail_json(**failure(problem))


if __name__ == "__main__":
    main()
