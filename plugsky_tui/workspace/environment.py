"""The environment of child processes: the user's own, without our key and without what changes how bash reads a line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

# What bash runs, or reads options and functions from, before or beside the command it is given.
_BASH_TRAPS = (
    "BASH_ENV",
    "ENV",
    "PROMPT_COMMAND",
    "SHELLOPTS",
    "BASHOPTS",
    "POSIXLY_CORRECT",
    "PS4",
    "CDPATH",
    "GLOBIGNORE",
)
_COLOUR_FORCED = ("FORCE_COLOR", "CLICOLOR_FORCE", "COLORTERM", "COLUMNS", "LINES")
_SHORTEST_SECRET = 8  # characters: shorter ones would be found in everything

# No terminal is there: nothing may page, edit, colour or ask.
_QUIET = {
    "TERM": "dumb",
    "NO_COLOR": "1",
    "PAGER": "cat",
    "MANPAGER": "cat",
    "GIT_PAGER": "cat",
    "EDITOR": "true",
    "VISUAL": "true",
    "GIT_EDITOR": "true",
    "GIT_SEQUENCE_EDITOR": "true",
    "GIT_TERMINAL_PROMPT": "0",
    "SSH_ASKPASS_REQUIRE": "never",
    # At the end of its input, vim waits for keys from its stderr, for ever. What `-c` gives it is done before this.
    "VIMINIT": "autocmd VimEnter * if !has('ttyin') | cquit! | endif",
}


def child_environment(base: Mapping[str, str], secrets: Iterable[str] = ()) -> dict[str, str]:
    """`base` for a child process. No variable is PLUGSKY_API_KEY or holds one of `secrets` (keys in use)."""
    keys = {secret for secret in (*secrets, base.get("PLUGSKY_API_KEY", "")) if secret}
    telling = [key for key in keys if len(key) >= _SHORTEST_SECRET]
    kept = {
        name: value
        for name, value in base.items()
        if name != "PLUGSKY_API_KEY"
        and name not in _BASH_TRAPS
        and name not in _COLOUR_FORCED
        and not name.startswith("BASH_FUNC_")  # functions that would stand in for the commands that were judged
        and value not in keys
        and not any(key in value for key in telling)
    }
    quiet = {name: "cat" if name.endswith("PAGER") else "true" for name in kept if name.endswith(("PAGER", "EDITOR"))}
    return kept | quiet | _QUIET  # AWS_PAGER, HGEDITOR, KUBE_EDITOR and their like come before PAGER and EDITOR
