# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins.
"""Direct execution: a module runs in a fork of the controller's process, which has Python and the SDKs loaded already.

Ansible packs a module into an archive, writes that to a file, and starts a shell and a new Python, which loads ansible,
boto3 or oci, and only then begins. On the controller itself nothing of that is needed. Everything before and after the
start of the module stays Ansible's own code. The same function runs the module as in an archive (``run_module``), so
its result is the same in every respect.

The module runs in a fork, not in a call. So standard output, environment, signal handlers, threads and globals of the
module end with it, as in a process of its own.
"""

from __future__ import annotations

import atexit
import importlib
import json
import os
import signal
import sys
import tempfile
import traceback
import typing as t
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial

from ansible import constants
from ansible.errors import AnsibleActionFail
from ansible.executor import module_common
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action.normal import ActionModule as NormalActionModule
from ansible.utils.display import Display
from ansible_collections.tidegate.failover.plugins.module_utils._errors import CODE_KEY, with_code
from ansible_collections.tidegate.failover.plugins.plugin_utils import _aws_models

if t.TYPE_CHECKING:
    from collections.abc import Sequence

try:
    from ansible._internal._ansiballz._builder import ExtensionManager
    from ansible.executor.module_common import _BuiltModule
    from ansible.module_utils import _internal
    from ansible.module_utils._internal._ansiballz._loader import run_module
    from ansible.module_utils.common import warnings
    from ansible.module_utils.common.json import Direction, get_module_encoder
except ImportError:
    # These names are private to ansible-core. With a release that has other names, modules start as usual.
    _CAN_RUN_HERE = False
else:
    _CAN_RUN_HERE = True

#: These switch direct execution off, as a variable of the host or task, or in the environment. The variable wins.
VARIABLE = "tidegate_direct_execution"
ENVIRONMENT_VARIABLE = "TIDEGATE_DIRECT_EXECUTION"

_COLLECTION = "tidegate.failover"
MODULES = f"ansible_collections.{_COLLECTION}.plugins.modules"
#: How ansible-core serializes arguments and results of modules by default.
_PROFILE = "legacy"
#: Signals that a worker of Ansible handles and a new process would not handle.
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGALRM, signal.SIGHUP, signal.SIGCHLD)

#: The beginnings of messages of ansible-core and amazon.aws whose code is not the code of a wrong option.
_BEGINNINGS = {
    "Failed to import the required Python library": "TG-LIBRARY",
    "The module interpreter ": "TG-VARIABLES",
    "Couldn't connect to AWS": "TG-SIGN-IN",
}
#: The message for a module that broke off. Its exception is not shown, because it may contain secrets.
_BROKEN = "The module itself broke. This is a defect: report it. Check what was done before you run this again."

Variables = Mapping[str, t.Any]
Answer = dict[str, t.Any]


class DirectExecution(NormalActionModule):
    """The usual action, for a module of the same name in the same collection.

    The process from which Ansible forks its workers loads the class of an action. So the imports of its module, most of
    all the SDKs, are loaded once for a run and not once for a task.

    :cvar _also_runs: names, without the collection's, of further modules of the collection that the action calls by
        :meth:`_execute_module`, with their full name as ``module_name``. They run in a fork too.
    :cvar _loads_when_asked: modules of these that few services need. The task that runs such a module loads it.
    :cvar _runs_modules_once: whether only one task of a play runs modules, and other tasks, for each host, run none.
        Then that task loads the imports of modules, because a process with the SDKs takes longer to fork.
    """

    _also_runs: t.ClassVar[tuple[str, ...]] = ()
    _loads_when_asked: t.ClassVar[frozenset[str]] = frozenset()
    _runs_modules_once: t.ClassVar[bool] = False
    _modules: t.ClassVar[Mapping[str | None, str]]
    #: The module that runs in a fork at the moment.
    _module = ""

    def __init_subclass__(cls, **more: t.Any) -> None:
        super().__init_subclass__(**more)
        package, is_action, own = cls.__module__.rpartition(".action.")
        if not is_action:
            # A base class of several actions.
            return
        collection = ".".join(package.split(".")[1:3])
        further: dict[str | None, str] = {
            f"{collection}.{name}": f"{package}.modules.{name}" for name in cls._also_runs
        }
        cls._modules = {None: f"{package}.modules.{own}", **further}
        if not cls._runs_modules_once:
            for module in cls._modules.values():
                if module.rpartition(".")[2] not in cls._loads_when_asked:
                    importlib.import_module(module)

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> Answer:
        """Run the module; a failure is shown with its code."""
        return coded(super().run(tmp, task_vars))

    def ask(self, module: str, arguments: Variables, task_vars: Variables) -> Answer:
        """Run a module of :attr:`_also_runs`, with the defaults that a user's play sets for it.

        :returns: its result, also where it failed.
        """
        given = self.with_defaults(module, dict(arguments))
        return self._execute_module(module_name=f"{_COLLECTION}.{module}", module_args=given, task_vars=task_vars)

    def predict(self, module: str, arguments: Variables, task_vars: Variables) -> Answer:
        """Run such a module in check mode, even if the task is not in check mode."""
        before, self._task.check_mode = self._task.check_mode, True
        try:
            return self.ask(module, arguments, task_vars)
        finally:
            self._task.check_mode = before

    def with_defaults(self, module: str, arguments: dict[str, t.Any]) -> dict[str, t.Any]:
        """The arguments of a module of this collection, with the defaults that a user's play sets for it."""
        name = f"{_COLLECTION}.{module}"
        return module_common._apply_action_arg_defaults(name, self._task, arguments, self._templar)

    def _execute_module(self, module_name: str | None = None, *args: t.Any, **more: t.Any) -> Answer:
        if self._may_run_here(more.get("task_vars") or {}):
            self._module = self._modules.get(module_name, "")
        if self._module:
            importlib.import_module(self._module)
        try:
            return t.cast(Answer, super()._execute_module(module_name, *args, **more))
        finally:
            self._module = ""

    def _may_run_here(self, variables: Variables) -> bool:
        """Whether the module would run on this machine, as this user, with this Python, and not asynchronously."""
        return (
            _CAN_RUN_HERE
            and self._connection.transport == "local"
            and not self._connection.become
            and not self._task.async_val
            and self._is_wanted(variables)
            and self._interpreter(variables) == os.path.normpath(sys.executable)
            # A user who debugs a module, or keeps its file to read it, needs the file.
            and not constants.config.get_config_value("DEFAULT_KEEP_REMOTE_FILES")
            and not ExtensionManager.create(task_vars=dict(variables)).get_extensions()
        )

    def _is_wanted(self, variables: Variables) -> bool:
        given = self._templar.template(variables[VARIABLE]) if VARIABLE in variables else None
        name, value = (VARIABLE, given) if given is not None else (ENVIRONMENT_VARIABLE, _from_environment())
        try:
            return bool(boolean(value))
        except TypeError as problem:
            message = with_code(f"{name} is {value!r}. Give true or false.", "TG-OPTION")
            raise AnsibleActionFail(message) from problem

    def _interpreter(self, variables: Variables) -> str:
        """The Python that Ansible would start for the module; ``auto`` and the like if it would have to search."""
        delegated = variables.get("ansible_delegated_vars", {}).get(self._task.delegate_to, variables)
        configured = constants.config.get_config_value("INTERPRETER_PYTHON", variables=delegated)
        # The link is not resolved: the Python of a virtual environment is a link to a Python without its packages.
        return os.path.normpath(str(self._templar.template(configured)))

    # Methods of Ansible, replaced where Ansible would pack, transfer and start a file.

    def _is_pipelining_enabled(self, *args: t.Any, **more: t.Any) -> bool:
        return bool(self._module) or bool(super()._is_pipelining_enabled(*args, **more))

    def _configure_module(self, module_name: str, module_args: Variables, task_vars: Variables) -> tuple[t.Any, str]:
        if not self._module:
            return t.cast("tuple[t.Any, str]", super()._configure_module(module_name, module_args, task_vars))
        encoder = get_module_encoder(_PROFILE, Direction.CONTROLLER_TO_MODULE)
        arguments = json.dumps({"ANSIBLE_MODULE_ARGS": module_args}, cls=encoder).encode()
        built = _BuiltModule(
            b_module_data=arguments,
            module_style="new",
            shebang=f"#!{sys.executable}",
            serialization_profile=_PROFILE,
        )
        return built, str(sys.modules[self._module].__file__)

    # The type of the result differs between releases of ansible-core.
    def _low_level_execute_command(self, *args: t.Any, **more: t.Any) -> t.Any:
        if not self._module:
            return super()._low_level_execute_command(*args, **more)
        environment: dict[str, t.Any] = {}
        self._compute_environment_string(environment)
        Display().vvv(f"RUN {self._module} in a fork of this process")
        module = partial(_run_module, self._module, more["in_data"])
        return run_in_fork(module, environment=environment, folder=str(self._loader.get_basedir()))


def coded(result: Answer, code: str = "") -> Answer:
    """The result of a task as people see it: the message of a failure ends with its code.

    :param code: the code if the result contains none.
    """
    if not result.get("failed"):
        return result
    found = str(result.get(CODE_KEY) or code or _code_of_ansible(result))
    return {**result, "msg": with_code(str(result.get("msg") or _BROKEN), found), CODE_KEY: found}


def _code_of_ansible(result: Answer) -> str:
    """The code of a failure that ansible-core reports before a module begins, or if the module broke.

    From release 2.19 on each failure has an ``exception``, even the failure of a wrong option. A failure by an uncaught
    exception has no message of its own. Earlier releases report the output of the module with it.
    """
    msg = str(result.get("msg") or "")
    known = (code for beginning, code in _BEGINNINGS.items() if msg.startswith(beginning))
    return next(known, "TG-DEFECT" if not msg or "module_stdout" in result else "TG-OPTION")


def run_in_fork(
    work: Callable[[], None], *, environment: Mapping[str, t.Any], folder: str
) -> dict[str, int | str | Sequence[str]]:
    """Call a function in a fork of this process, and return the result in Ansible's form for an ended command.

    :param environment: variables for the fork, in addition to the environment of this process.
    :param folder: the working directory. Ansible starts modules in the folder of the playbook.
    """
    # Files, not pipes: a program that the fork starts may outlive the fork, and would keep a pipe open.
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        child = os.fork()
        if child == 0:
            _end(partial(_begin_again, work, environment, folder, (output.fileno(), errors.fileno())))
        code = _exit_code_of(child)
        printed, complained = (_text(file) for file in (output, errors))
    return {
        "rc": code,
        "stdout": printed,
        "stdout_lines": printed.splitlines(),
        "stderr": complained,
        "stderr_lines": complained.splitlines(),
    }


def _exit_code_of(child: int) -> int:
    """Wait for the fork. If the wait is broken off, for instance by the time-out of a task, the fork is killed."""
    status = None
    try:
        _child, status = os.waitpid(child, 0)
    finally:
        if status is None:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def _end(work: Callable[[], None]) -> t.NoReturn:
    """Do the work of a fork, and end it. Exit handlers of the module run, those of the controller do not."""
    code = 1
    try:
        atexit._clear()
        try:
            work()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        except BaseException:  # noqa: BLE001 - as in any process that ends by an uncaught exception
            traceback.print_exc()
        else:
            code = 0
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        # Not by an exception: the controller's code that called the fork must not continue here.
        os._exit(code)


def _begin_again(
    work: Callable[[], None], environment: Mapping[str, t.Any], folder: str, files: tuple[int, int]
) -> None:
    """Make the fork like a new process, then do the work."""
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in zip((nothing, *files), (0, 1, 2), strict=True):
        os.dup2(source, target)
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", errors="surrogateescape", closefd=False)
    sys.stderr = os.fdopen(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False)
    os.environ.update({name: str(value) for name, value in environment.items()})
    os.chdir(folder)
    work()


def _run_module(name: str, arguments: bytes) -> None:
    """Run a module as Ansible does in an archive."""
    # The controller shows warnings at once. A module returns them.
    _internal.is_controller = False
    warnings._global_warnings.clear()
    warnings._global_deprecations.clear()
    _aws_models.share()
    # The module is executed as a script. Its imports stay loaded.
    del sys.modules[name]
    run_module(json_params=arguments, profile=_PROFILE, module_fqn=name, modlib_path="", extensions={})


def _from_environment() -> str:
    return os.environ.get(ENVIRONMENT_VARIABLE) or "true"


def _text(file: t.IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode("utf-8", errors="surrogateescape")
