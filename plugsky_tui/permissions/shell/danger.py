"""Commands that destroy: those refused in every mode, and those that even `auto` asks for."""

from __future__ import annotations

import os
import re

from plugsky_tui.permissions.shell.programs import PRIVILEGED, SHELLS
from plugsky_tui.workspace.paths import Root
from plugsky_tui.workspace.sensitive import system_folder

_DISK = r"/dev/(sd|hd|vd|xvd|nvme|mmcblk|disk|rdisk|mapper/|dm-|md|loop).*"


def wipes_out(words: list[str], root: Root, cwd: str) -> str:
    """Why the command must never run, "" where it may be asked about: it deletes the home folder, the workspace
    itself, the system or a whole disk. `words` with expansions as written: `$HOME` is known too."""
    if not words:
        return ""
    name, args = words[0].lower(), words[1:]  # RM is rm where the disk ignores case
    if name == "rm" and "recursive" in removal(args):
        targets = _operands(args)
    elif name == "find" and "-delete" in args and not _narrowed(args):
        targets = list(_leading(args)) or ["."]
        # `find . -delete` empties the workspace, but is asked: only what lies above it is out of the question.
        targets = [target for target in targets if os.path.realpath(_place(target, root, cwd)) != root.real]
    elif name in ("chmod", "chown", "chgrp") and _flag(args, "R", "--recursive"):
        targets = [target for target in _operands(args)[1:] if os.path.realpath(_place(target, root, cwd)) != root.real]
    elif name == "shred" or re.fullmatch(r"mkfs(\..*)?|wipefs|blkdiscard|mkswap|fdisk|sfdisk|parted", name):
        disk = next((word for word in args if re.fullmatch(_DISK, word)), None)
        return f"`{name} {disk}` would erase a disk." if disk else ""
    elif name == "dd":
        disk = next((word for word in args if re.fullmatch(f"of={_DISK}", word)), None)
        return f"`dd {disk}` would overwrite a disk." if disk else ""
    else:
        return ""
    for target in targets:
        if what := _precious(target, root, cwd):
            return (
                f"`{_told(words)}` would delete {what}."
                if name in ("rm", "find")
                else f"`{_told(words)}` would change {what}."
            )
    return ""


def overwrites_disk(target: str) -> bool:
    """Whether a redirection to `target` writes over a disk."""
    return re.fullmatch(_DISK, target) is not None


def _precious(target: str, root: Root, cwd: str) -> str:
    """What `target` stands for, where it is nothing that anyone means to lose. A last part of wildcards alone is all
    that is in the folder before it."""
    folder, _, last = target.rstrip("/").rpartition("/")
    if last and not re.sub(r"[*?.]|\[[!^]?\.\]|\{\*,\.\*\}", "", last) and "*" in last:
        target = folder or ("/" if target.startswith("/") else ".")
    place = os.path.realpath(_place(target or "/", root, cwd))
    if place == "/":
        return "everything on this computer"
    if place == os.path.realpath(root.home):
        return "your home folder"
    if place == root.real:
        return "the whole workspace"
    if root.real.startswith(place + "/"):
        return "a folder that holds the workspace"
    if os.path.realpath(root.home).startswith(place + "/") or system_folder(place):
        return f"the system's {place}"
    return ""


def _place(target: str, root: Root, cwd: str) -> str:
    for known, value in (
        ("~", root.home),
        ("$HOME", root.home),
        ("${HOME}", root.home),
        ("$PWD", cwd),
        ("${PWD}", cwd),
    ):
        if target == known or target.startswith(known + "/"):
            target = value + target[len(known) :]
            break
    return os.path.join(cwd, target)


def removal(args: list[str]) -> set[str]:
    """What kind of removal the options of `rm` make: "recursive", "forced". GNU takes abbreviations."""
    found: set[str] = set()
    for arg in args:
        if arg == "--":
            break
        if arg.startswith("--"):
            name = arg.partition("=")[0]
            if len(name) > 2 and "--recursive".startswith(name):
                found.add("recursive")
            if len(name) > 2 and "--force".startswith(name):
                found.add("forced")
        elif arg.startswith("-"):
            if "r" in arg or "R" in arg:
                found.add("recursive")
            if "f" in arg:
                found.add("forced")
    return found


def danger(words: list[str], *, piped_into: bool) -> str:
    """Why the command is marked dangerous, "" where it is not. `piped_into`: it reads what another command writes."""
    if not words:
        return ""
    name, args = words[0].lower(), words[1:]
    told = _told(words)
    if name == "rm" and (kinds := removal(args)):
        return f"`{told}` deletes {'whole folders' if 'recursive' in kinds else 'files'}{' without asking' if 'forced' in kinds else ''}."
    if name in PRIVILEGED:
        return f"`{name}` runs a command with more rights than yours."
    if name in SHELLS and piped_into and not [arg for arg in args if not arg.startswith("-")]:
        return f"`{name}` would run whatever comes out of the command before it."
    if name == "git":
        return _git(words, told)
    if name in _ALWAYS:
        return f"`{told}` {_ALWAYS[name]}."
    if name in ("chmod", "chown", "chgrp") and _flag(args, "R", "--recursive"):
        return f"`{told}` changes the rights of a whole folder."
    if name == "find" and "-delete" in args:
        return f"`{told}` deletes what it finds."
    if name == "ps" and any(_shows_environments(arg) for arg in args):
        return f"`{told}` shows the environments of other processes, where secrets are."
    if name in {"truncate", "shred", "dd"} or name.startswith("mkfs"):
        return f"`{told}` overwrites data."
    for first, verbs in _VERBS.items():
        if name == first and any(args[: len(verb.split())] == verb.split() for verb in verbs):
            return f"`{told}` cannot be taken back."
    return ""


def _shows_environments(option: str) -> bool:
    """BSD's `e` among the letters without a dash, its `-E`, and the columns that hold environments."""
    if option.startswith("-"):
        return option == "-E" or "environ" in option
    return (option.isalpha() and "e" in option) or "environ" in option


_ALWAYS = {
    "kill": "stops a process",
    "pkill": "stops processes",
    "killall": "stops processes",
    "shutdown": "turns the computer off",
    "reboot": "restarts the computer",
    "halt": "turns the computer off",
    "poweroff": "turns the computer off",
    "crontab": "changes what runs on a schedule",
    "systemctl": "controls the system's services",
    "launchctl": "controls the system's services",
    "mount": "changes what the disks show",
    "umount": "changes what the disks show",
    "iptables": "changes the firewall",
    "wipefs": "erases a disk",
    "fdisk": "changes a disk",
    "eval": "runs text as a command",
    "history": "reads or changes the history of your shell",
}

_VERBS: dict[str, tuple[str, ...]] = {
    "npm": ("publish", "unpublish", "deprecate"),
    "yarn": ("publish",),
    "pnpm": ("publish",),
    "cargo": ("publish", "yank"),
    "twine": ("upload",),
    "docker": ("system prune", "volume rm", "volume prune", "rm", "rmi"),
    "kubectl": ("delete", "drain"),
    "terraform": ("destroy", "apply"),
    "gh": ("repo delete", "release delete"),
    "aws": ("s3 rm", "s3 rb"),
}


def _git(words: list[str], told: str) -> str:
    rest = words[1:]
    while rest and rest[0].startswith("-"):
        rest = rest[2:] if rest[0] in ("-C", "-c", "--git-dir", "--work-tree") else rest[1:]
    if not rest:
        return ""
    name, args = rest[0], rest[1:]
    short = {letter for arg in args if re.fullmatch(r"-[A-Za-z]+", arg) for letter in arg[1:]}
    long = {arg.partition("=")[0] for arg in args if arg.startswith("--")}
    lost = f"`{told}` throws away work that was not committed."
    match name:
        case "push" if (
            "f" in short or "d" in short or {"--force", "--force-with-lease", "--mirror", "--delete", "--prune"} & long
        ):
            return f"`{told}` rewrites what others have."
        case "push" if any(arg.startswith(("+", ":")) for arg in args):
            return f"`{told}` rewrites what others have."
        case "reset" if {"--hard", "--merge", "--keep"} & long:
            return lost
        case "checkout" if "--" in args or "." in args or "f" in short or "--force" in long:
            return lost
        case "restore" if "--staged" not in long and "S" not in short:
            return lost
        case "switch" if "f" in short or {"--force", "--discard-changes"} & long:
            return lost
        case "clean" if "n" not in short and "--dry-run" not in long:
            return f"`{told}` deletes files that are not in git."
        case "stash" if args[:1] in (["drop"], ["clear"]):
            return lost
        case "branch" if {"D", "d"} & short or "--delete" in long:
            return f"`{told}` deletes a branch."
        case "filter-branch" | "filter-repo" | "gc" | "prune" | "update-ref" | "reflog" if name != "reflog" or args[
            :1
        ] in (["expire"], ["delete"]):
            return f"`{told}` rewrites the history."
        case _:
            return ""


def _told(words: list[str]) -> str:
    line = " ".join(words)
    return line if len(line) <= 120 else line[:119] + "…"


def _flag(args: list[str], letter: str, long: str) -> bool:
    return any(arg == long or (arg.startswith("-") and not arg.startswith("--") and letter in arg) for arg in args)


def _operands(args: list[str]) -> list[str]:
    if "--" in args:
        place = args.index("--")
        return [arg for arg in args[:place] if not arg.startswith("-")] + args[place + 1 :]
    return [arg for arg in args if not arg.startswith("-")]


def _leading(args: list[str]) -> list[str]:
    found: list[str] = []
    for arg in args:
        if arg.startswith("-") or arg in ("!", "("):
            if arg in ("-H", "-L", "-P"):
                continue
            break
        found.append(arg)
    return found


def _narrowed(args: list[str]) -> bool:
    """Whether a test stands before -delete (one behind it comes too late)."""
    before = args[: args.index("-delete")]
    return any(
        arg.startswith("-") and arg not in ("-depth", "-d", "-H", "-L", "-P", "-xdev", "-mount") for arg in before
    )
