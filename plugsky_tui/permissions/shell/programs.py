"""Commands that run other commands, and what they run; and those whose arguments are programs."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

# Taken off, so that what is judged (and remembered) is the command behind them.
_HARMLESS_OPTIONS: dict[str, str] = {
    "time": r"-p",
    "nohup": r"(?!)",
    "nice": r"-n|-\d+|-n-?\d+|--adjustment=-?\d+",
    "timeout": r"-[ks]|--preserve-status|--foreground|--kill-after=\S+|--signal=\S+|-v",
    "command": r"(?!)",
}
_HARMLESS_VALUED = {"nice": {"-n"}, "timeout": {"-k", "-s"}}


def without_wrappers(words: list[str]) -> list[str] | None:
    """`words` without `time`, `nohup`, `nice`, `timeout` and `command` before them. None where one of them is used in a
    way that is not known."""
    while words and words[0] in _HARMLESS_OPTIONS:
        name, rest = words[0], words[1:]
        if name == "command" and rest[:1] in (["-v"], ["-V"]):
            return words
        while rest and rest[0].startswith("-"):
            option = rest.pop(0)
            if option == "--":
                break
            if not re.fullmatch(_HARMLESS_OPTIONS[name], option):
                return None
            if option in _HARMLESS_VALUED.get(name, ()):
                if not rest or not re.fullmatch(r"-?\w+(\.\d+)?", rest[0]):
                    return None
                rest.pop(0)
        if name == "timeout":
            if not rest or not re.fullmatch(r"\d+(\.\d+)?[smhd]?", rest[0]):
                return None
            rest = rest[1:]
        if not rest:
            return words if name == "time" else None
        words = rest
    return words


SHELLS = frozenset("sh bash dash zsh ksh mksh ash fish csh tcsh rbash busybox".split())

_INTERPRETERS = (
    r"(python|pypy|ipython|ruby|jruby|irb|perl|node|nodejs|deno|bun|php|lua|luajit|tclsh|wish|expect|Rscript|R|julia|groovy|scala|kotlin|"
    r"osascript|guile|racket|sbcl|clisp|ocaml|ghci|runghc|erl|elixir|iex|swift|tsx|ts-node|octave|gnuplot|jshell|java|dotnet|mono|wine|"
    r"awk|gawk|mawk|nawk|sed|gsed|vim|vi|nvim|view|ex|ed|emacs|nano|less|more|most|man|info|gdb|lldb|sqlite3|psql|mysql|mongosh|"
    r"redis-cli|screen|tmux|ssh|scp|sftp|rsync|telnet|nc|ncat|netcat|socat|ftp|lftp)[0-9.]*w?"
)


def interpreter(name: str) -> bool:
    """Whether the arguments or the input of `name` can be a program of any kind."""
    return name in SHELLS or re.fullmatch(_INTERPRETERS, name) is not None


# Wrappers, with those of their options that take a value. Never taken off: what they run is judged beside them.
_RUNNERS: dict[str, str] = {
    "sudo": "-u -g -h -p -C -r -t -T -U -D -R --user --group --host --prompt --chdir",
    "doas": "-u -C",
    "env": "-u -C -S --unset --chdir --split-string",
    "xargs": "-I -n -P -L -d -a -s -E -i -l --max-args --max-procs --replace --delimiter --arg-file",
    "exec": "-a",
    "builtin": "",
    "setsid": "",
    "stdbuf": "-i -o -e",
    "ionice": "-c -n -p",
    "chrt": "",
    "taskset": "",
    "chroot": "--userspec --groups",
    "unshare": "-R -w",
    "nsenter": "-t",
    "strace": "-e -o -p -s -u -E",
    "ltrace": "-e -o -p -s -u",
    "watch": "-n -d --interval",
    "parallel": "-j -I -a --jobs",
    "flock": "-w -E",
    "caffeinate": "-t -w",
    "unbuffer": "",
    "script": "",
    "firejail": "",
    "bwrap": "",
    "runuser": "-u",
    "pkexec": "--user",
    "run0": "",
    "su": "",
    "systemd-run": "-p -u",
    "dbus-run-session": "",
    "faketime": "",
    "proxychains": "-f",
    "torsocks": "",
    "valgrind": "",
    "perf": "",
    "entr": "",
    "watchexec": "-w -e",
    "nodemon": "-e -w",
    "at": "",
    "batch": "",
    "npx": "-p --package",
    "bunx": "",
    "pnpx": "",
    "uvx": "--from --with",
    "pipx": "",
    "toolbox": "",
    "distrobox": "",
    "eatmydata": "",
    "fakeroot": "",
    "setarch": "",
    "linux64": "",
    "coproc": "",
    "nohup": "",
    "nice": "-n",
    "time": "-o -f",
    "timeout": "-k -s",
    "command": "",
    "chronic": "",
    "ts": "",
    "retry": "",
    "dotenv": "-f",
    "direnv": "",
    "mise": "",
    "asdf": "",
    "nix": "",
    "nix-shell": "",
    "devbox": "",
    "cross": "",
    "busybox": "",
    "toybox": "",
    "hyperfine": "",
}

PRIVILEGED = frozenset("sudo doas su pkexec run0 runuser".split())

# The shell's own commands that change the shell, run text or write: none of them is ever remembered.
SHELL_BUILTINS = frozenset(
    "eval source . exec builtin trap alias unalias export declare typeset local readonly unset shopt set enable read mapfile readarray "
    "history fc bind complete compgen compopt let getopts wait jobs fg bg disown kill suspend ulimit umask hash help logout pushd popd "
    "dirs caller times return break continue shift printf test [ command type cd".split()
)


@dataclass(slots=True)
class Inside:
    """What a command runs: `commands` are argument lists, `scripts` texts for a shell."""

    commands: list[list[str]] = field(default_factory=list)
    scripts: list[str] = field(default_factory=list)


def runs(name: str) -> bool:
    """Whether `name` is there to run other commands."""
    return name in _RUNNERS


def what_it_runs(words: list[str]) -> Inside:
    """The commands `words` would run, as far as its words tell."""
    inside = Inside()
    name, args = words[0], words[1:]
    if name in SHELLS - {"busybox"} or name == "su":
        script = _after_c(args)
        if script is not None:
            inside.scripts.append(script)
    elif name == "eval":
        inside.scripts.append(" ".join(args))
    elif name in {"find", "fd"}:
        inside.commands += _after_exec(args)
    elif name in ("busybox", "toybox"):
        inside.commands.append(args)
    elif name in _RUNNERS:
        rest = _skip_options(args, frozenset(_RUNNERS[name].split()))
        if name in ("taskset", "chroot", "flock", "faketime", "setarch", "timeout") and rest:
            rest = rest[1:]
        if name in ("watch", "script", "hyperfine") and len(rest) == 1:
            inside.scripts.append(rest[0])
        elif rest:
            inside.commands.append(rest)
    return Inside([command for command in inside.commands if command], inside.scripts)


def _after_c(args: list[str]) -> str | None:
    for place, arg in enumerate(args):
        if arg.startswith("-") and not arg.startswith("--") and "c" in arg[1:]:
            return args[place + 1] if place + 1 < len(args) else None
        if not arg.startswith(("-", "+")):
            return None
    return None


def _after_exec(args: list[str]) -> list[list[str]]:
    found: list[list[str]] = []
    for place, arg in enumerate(args):
        if arg in ("-exec", "-execdir", "-ok", "-okdir", "-x", "-X", "--exec", "--exec-batch"):
            command: list[str] = []
            for word in args[place + 1 :]:
                if word in (";", "+"):
                    break
                command.append(word)
            found.append(command)
    return found


def _skip_options(args: list[str], valued: frozenset[str]) -> list[str]:
    """What is left behind options, their values and `NAME=value` words."""
    rest = list(args)
    while rest:
        word = rest[0]
        if word == "--":
            return rest[1:]
        if word.startswith("-") and word != "-":
            rest = rest[2:] if word in valued else rest[1:]
        elif re.fullmatch(r"[A-Za-z_]\w*=.*", word, re.DOTALL):
            rest = rest[1:]
        else:
            break
    return rest
