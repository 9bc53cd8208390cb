"""Starting a command so that it is never faster than the watchdog.

Between the start of a process and the moment the watchdog has its number, plugsky could be killed, and the command
would be left to itself. So what is started first is a gate: a bash that waits for a line on its input, a pipe whose
other end plugsky alone holds. The line comes when the watchdog has been told; the gate then becomes the bash that
runs the command, in the same process. Without the line (plugsky is gone: end of file) it ends, and nothing has run.
It is bash and not a smaller shell because that one would drop variables whose names are not its own, such as A-B.
"""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import sys
from collections.abc import Mapping
from contextlib import suppress
from functools import cache

from plugsky_tui.kernel.errors import ToolError
from plugsky_tui.workspace.watchdog import watchdog

_BASH = ("--noprofile", "--norc", "-c")
# The variable `_` is the shell's own: no variable of the user's is overwritten. The input is the command's from here on.
_GATE = 'read -r _ && exec "$@" </dev/null'


async def start_command(
    command: str, cwd: str, environment: Mapping[str, str], output: int
) -> asyncio.subprocess.Process:
    """`command` running in bash in the folder `cwd`, leader of a session of its own that the watchdog knows.

    `output` is the descriptor its stdout and stderr go to. ToolError where the folder is gone or the command cannot
    be passed to bash. Cancelled at any moment, it has either returned or run nothing.
    """
    if "\0" in command:
        raise ToolError("The command contains a NUL byte.", hint="Send it without, for instance as '\\0' in printf.")
    _hide_our_environment()
    bash = find_bash()
    gate, key = os.pipe()
    try:
        process = await asyncio.create_subprocess_exec(
            *(bash, *_BASH, _GATE, "plugsky-gate", bash, *_BASH, "--", command),
            stdin=gate,
            stdout=output,
            stderr=output,
            cwd=cwd,
            env=environment,
            start_new_session=True,
        )
        watchdog().watch(process.pid)
        with suppress(BrokenPipeError):  # somebody has ended it already: that is told like any end
            os.write(key, b"\n")
    except OSError as error:
        raise _not_started(error, cwd) from None
    finally:
        os.close(gate)
        os.close(key)
    return process


def find_bash() -> str:
    """The bash the permission check models. System folders first: PATH may be anyone's. ToolError where there is none."""
    for path in ("/bin/bash", "/usr/bin/bash", "/usr/local/bin/bash", "/opt/homebrew/bin/bash"):
        if os.access(path, os.X_OK):
            return path
    found = shutil.which("bash")
    if found is None:
        raise ToolError("There is no bash on this machine.", hint="The user has to install bash.")
    return os.path.abspath(found)


@cache
def _hide_our_environment() -> None:
    """Linux shows the environment a process was started with, the API key in it, to all processes of its user
    (/proc/PID/environ; proc(5)), but not that of one that must not be dumped (prctl(2), PR_SET_DUMPABLE). Root sees
    that too, and ps shows it: so the key is overwritten where the process was given it. `os.environ` is a copy."""
    if not sys.platform.startswith("linux"):
        return
    import ctypes  # 5 ms, before the first command only

    with suppress(OSError, AttributeError, ValueError):
        libc = ctypes.CDLL(None)
        libc.prctl(4, 0, 0, 0, 0)
        entries = ctypes.POINTER(ctypes.c_void_p).in_dll(libc, "environ")  # environ(7): NAME=VALUE, the last is NULL
        index = 0
        while address := entries[index]:
            name, _, value = ctypes.string_at(address).partition(b"=")
            if name == b"PLUGSKY_API_KEY":
                ctypes.memset(address + len(name) + 1, ord("*"), len(value))
            index += 1


def _not_started(error: OSError, cwd: str) -> ToolError:
    if error.errno == errno.E2BIG:
        return ToolError(
            "The command is too long for the system.", hint="Put it into a script file with write, and run that."
        )
    if not os.path.isdir(cwd):
        return ToolError(
            f"The folder {cwd} does not exist any more: no command can run in it.",
            hint="Tell the user: the session has to be opened in another folder.",
        )
    if error.errno in (errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE):
        return ToolError(
            f"The system has no room for another process: {error.strerror}.",
            hint="End jobs that are not needed with shell_kill, or wait, then try again.",
        )
    return ToolError(
        f"The command could not be started: {error.strerror or error}.", hint="Tell the user what the system said."
    )
