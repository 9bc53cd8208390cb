"""Names that tell what a file is for: secrets, views of live processes, files that run later.

Everything here looks at names only (real paths, from the root of the disk on); whether a path
lies in the workspace is `paths.Root`'s to say.
"""

from __future__ import annotations

import itertools
import os
import re

from plugsky_tui.workspace.paths import Root, file_kind

# --- secrets ----------------------------------------------------------------------------------

_SECRET_NAMES = frozenset(
    ".npmrc .yarnrc .netrc _netrc .pypirc .pgpass .my.cnf .git-credentials .htpasswd .dockercfg .vault-token "
    ".boto .s3cfg .terraformrc shadow shadow- gshadow gshadow- sudoers master.passwd".split()
)
_SECRET_ENDINGS = (".pem", ".key", ".p12", ".pfx", ".pkcs12", ".jks", ".keystore", ".kdbx", ".ppk", ".tfvars", ".ovpn")
_SECRET_FOLDERS = frozenset(".ssh .aws .gnupg .kube .azure .password-store .mozilla .thunderbird .oci".split())
_SECRET_PAIRS = frozenset(
    (
        (".config", "gcloud"),
        (".config", "gh"),
        ("share", "keyrings"),
        (".docker", "config.json"),
        ("etc", "environment"),
    )
)
# Patterns are strings: `re` compiles and keeps them when they are first needed, not at import.
_HOLDS_KEYS = r"(id_.+|credentials?(s?[._-].*)?|secrets?\.(json|ya?ml|toml|txt|env)|\..+_history)\Z"
# A module about ids or credentials is source, not a secret.
_SOURCE = (
    r".*\.(py|pyi|js|mjs|cjs|ts|tsx|jsx|go|rs|c|h|cc|cpp|hpp|java|kt|rb|php|cs|swift|scala|ex|exs|sh|md|rst|html|css"
    r"|sql|lua|vue)\Z"
)


def secret(real: str) -> bool:
    """Whether the file at `real` is one that holds keys or passwords, by its name or its folder."""
    parts = real.lower().split("/")
    name = parts[-1]
    if name.startswith(".env") or name in _SECRET_NAMES or name.endswith(_SECRET_ENDINGS):
        return True
    if not _SECRET_PAIRS.isdisjoint(itertools.pairwise(parts)):
        return True
    if not _SECRET_FOLDERS.isdisjoint(parts) and not name.endswith(".pub"):
        return True
    if name.startswith("ssh_host_") and name.endswith("_key"):
        return True
    return bool(re.match(_HOLDS_KEYS, name)) and not re.match(_SOURCE, name)


# --- what is no file on disk ------------------------------------------------------------------

_LIVE = (
    r"/proc/(?:[^/]+/)*(environ|mem|auxv|pagemap|maps|smaps|fd|fdinfo|map_files|root|cwd|exe|stack|syscall|kcore)"
    r"(?:/.*)?\Z"
)


def special(absolute: str, real: str) -> str:
    """Why the path is no ordinary file or folder, "" where it is one. Both of its names are looked at:
    `/dev/stdin` leads to a pipe, `/proc/self` to a number."""
    for path in {os.path.normpath(absolute), real}:
        if path.startswith("/dev/") and path != "/dev/null":
            return "is a device, not a file"
        if re.match(_LIVE, path):
            return "is a view of a running process"
    if real == "/dev/null":
        return ""
    kind = file_kind(real)
    return f"is a {kind}, not a file" if kind else ""


# --- writes that always ask -------------------------------------------------------------------

_IGNORED_BY_SOME = "[\u200b-\u200f\u202a-\u202e\u2060\u206a-\u206f\ufeff]"  # HFS+ drops these from names
_GIT_NAMES = frozenset((".git", "git~1", ".gitattributes", ".gitmodules", ".plugsky"))

_RUNS_LATER_NAMES = frozenset(
    "agents.md claude.md gemini.md agent.md .cursorrules .windsurfrules .mcp.json copilot-instructions.md .envrc "
    "package.json makefile gnumakefile justfile .justfile taskfile.yml taskfile.yaml conftest.py sitecustomize.py "
    "usercustomize.py .pre-commit-config.yaml .gitlab-ci.yml .travis.yml jenkinsfile azure-pipelines.yml "
    ".bashrc .bash_profile .bash_login .bash_logout .profile .zshrc .zshenv .zprofile .zlogin .inputrc .vimrc .exrc "
    ".gitconfig .gdbinit .pythonrc .npmrc .yarnrc .yarnrc.yml .tmux.conf .xinitrc .xprofile".split()
)
_RUNS_LATER_FOLDERS = frozenset(".cursor .husky .devcontainer .claude .codex .gemini .circleci .windsurf".split())
_RUNS_LATER_PAIRS = frozenset(
    (".vscode", name) for name in ("settings.json", "tasks.json", "launch.json", "extensions.json", "mcp.json")
) | {(".github", "workflows"), (".github", "actions"), (".config", "autostart"), (".config", "systemd")}


def guarded(root: Root, absolute: str, real: str) -> str:
    """Why writing to this path always asks, "" where it need not: git's and plugsky's own files."""
    for path in (real, os.path.normpath(absolute)):
        for part in _plain(path).split("/"):
            if part in _GIT_NAMES:
                return "belongs to plugsky's own settings" if part == ".plugsky" else "belongs to git"
    for folder in root.git_folders:
        if _within(real, folder):
            return "belongs to git"
    for folder in root.own:
        if _within(real, folder):
            return "belongs to plugsky's own settings"
    return ""


def runs_later(real: str) -> bool:
    """Whether the file is read as instructions or run by some program later, without anyone asking for it."""
    parts = _plain(real).split("/")
    if parts[-1] in _RUNS_LATER_NAMES or parts[-1].endswith(".pth"):
        return True
    if not _RUNS_LATER_FOLDERS.isdisjoint(parts):
        return True
    return any(pair in _RUNS_LATER_PAIRS for pair in itertools.pairwise(parts))


SYSTEM_FOLDERS = frozenset(
    "/bin /boot /dev /etc /home /lib /lib32 /lib64 /media /mnt /opt /proc /root /run /sbin /srv /sys /usr /var "
    "/Applications /Library /System /Users /Volumes /private /nix".split()
)


def system_folder(real: str) -> bool:
    """Whether `real` is the root of the disk or one of the folders the system itself stands on."""
    return real == "/" or real in SYSTEM_FOLDERS or os.path.dirname(real) in ("/usr", "/etc", "/lib", "/boot")


def _plain(path: str) -> str:
    """`path` as the most forgiving file system reads it: any case, composed, invisible characters dropped."""
    if path.isascii():
        return path.lower()
    import unicodedata  # only where a name is not plain

    return re.sub(_IGNORED_BY_SOME, "", unicodedata.normalize("NFC", path)).casefold()


def _within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")
