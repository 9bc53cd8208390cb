"""The git commands that only read, with the options they may have.

git runs programs that a repository's own configuration names, so these pass only where the
folder is trusted or names none; that is for the judge to see to. Left out: what writes
(`--output`), runs (`--ext-diff`, `--textconv`, `-O`), leaves the repository (`--no-index`, `-C`
elsewhere) or asks the network.
"""

from __future__ import annotations

import re
from itertools import pairwise

from plugsky_tui.permissions.shell.options import Unlisted, Use, read_spec, use_of

_DIFF = (
    "-abBDMRpsuwWz -# -U:n -S:t -G:t -l:n --abbrev? --binary --cached --cc --check --color? --color-words? --compact-summary --cumulative "
    "--diff-algorithm:t --diff-filter:t --dirstat? --exit-code --find-copies? --find-copies-harder --find-renames? --full-index "
    "--function-context --histogram --ignore-all-space --ignore-blank-lines --ignore-cr-at-eol --ignore-space-at-eol "
    "--ignore-space-change --ignore-submodules? --indent-heuristic --inter-hunk-context:n --merge-base --minimal --name-only "
    "--name-status --no-color --no-ext-diff --no-patch --no-prefix --no-renames --no-textconv --numstat --patch --patch-with-stat "
    "--patience --pickaxe-all --pickaxe-regex --quiet --raw --relative? --shortstat --staged --stat? --summary --text --unified? "
    "--word-diff? --word-diff-regex:t "
)
_LOG = _DIFF + (
    "-cgimt -n:n -L:t -i -E -F -P -g --all --all-match --ancestry-path --author:t --author-date-order --basic-regexp --before:t "
    "--branches? --cherry --cherry-mark --cherry-pick --committer:t --children --date:t --date-order --decorate? --decorate-refs:t "
    "--dense --extended-regexp --first-parent --fixed-strings --follow --format:t --full-history --graph --grep:t --invert-grep "
    "--left-only --left-right --max-count:n --max-parents:n --merges --min-parents:n --no-abbrev-commit --abbrev-commit --no-decorate "
    "--no-merges --no-walk? --not --oneline --parents --perl-regexp --pretty? --regexp-ignore-case --remotes? --reverse --right-only "
    "--simplify-by-decoration --simplify-merges --since:t --after:t --skip:n --source --sparse --tags? --topo-order --until:t "
    "--use-mailmap --walk-reflogs --show-pulls --log-size --boundary --count "
)

_READING: dict[str, str] = {
    "status": "-bsuvz -uno! -uall! -unormal! --short --branch --long --porcelain? --show-stash --ignored? --untracked-files? --no-renames --renames --ahead-behind "
    "--no-ahead-behind --column? --no-column --verbose --ignore-submodules? | text",
    "log": _LOG + "| text",
    "show": _LOG + "| text",
    "diff": _DIFF + "| text",
    "diff-tree": _DIFF + "-crtm --root --no-commit-id | text",
    "diff-index": _DIFF + "-m | text",
    "diff-files": _DIFF + "| text",
    "shortlog": "-censi --summary --numbered --email --group:t --all --since:t --until:t --no-merges --format:t | text",
    "rev-list": _LOG + "--objects --disk-usage --timestamp | text",
    "rev-parse": "--abbrev-ref? --absolute-git-dir --all --branches? --git-common-dir --git-dir --git-path:t --is-bare-repository "
    "--is-inside-git-dir --is-inside-work-tree --is-shallow-repository --quiet -q --remotes? --short? --show-cdup --show-prefix "
    "--show-superproject-working-tree --show-toplevel --symbolic --symbolic-full-name --tags? --verify | text",
    "ls-files": "-cdikmorstuvz --cached --deleted --modified --others --ignored --stage --unmerged --killed --exclude-standard --exclude:t "
    "-x:t --full-name --recurse-submodules --error-unmatch --abbrev? --directory --no-empty-directory --eol --deduplicate | text",
    "ls-tree": "-dlrtz --long --name-only --name-status --full-name --full-tree --abbrev? --object-only | text",
    "blame": "-bceflnpstw -L:t -M -C --porcelain --line-porcelain --root --show-name --show-number --show-email --abbrev:n --date:t --since:t "
    "--color-lines --color-by-age --first-parent --minimal --ignore-rev:t | text",
    "annotate": "-L:t -l | text",
    "describe": "--all --always --tags --long --abbrev? --candidates:n --contains --dirty? --exact-match --first-parent --match:t --exclude:t | text",
    "name-rev": "--tags --name-only --all --always --refs:t | text",
    "merge-base": "-a --all --octopus --independent --is-ancestor --fork-point | text",
    "show-ref": "-dhqs --head --heads --branches --tags --hash? --verify --quiet --abbrev? --dereference | text",
    "show-branch": "--all --remotes --list --topics --no-name --sha1-name | text",
    "for-each-ref": "--count:n --sort:t --format:t --points-at:t --merged? --no-merged? --contains? --no-contains? --ignore-case | text",
    "cat-file": "-epst --batch-all-objects | text",
    "count-objects": "-vH --verbose --human-readable | none",
    "check-ignore": "-qvnz --quiet --verbose --non-matching --no-index | text",
    "check-attr": "-az --all --cached | text",
    "check-ref-format": "--branch --normalize --allow-onelevel | text",
    "grep": "-acEFGhHiIlLnoPpqvwWz -# -A:n -B:n -C:n -e:t -m:n --all-match --and --basic-regexp --break --cached --color? --column --context:n "
    "--count --extended-regexp --files-with-matches --files-without-match --fixed-strings --full-name --function-context --heading "
    "--ignore-case --invert-match --line-number --max-count:n --max-depth:n --name-only --no-color --not --null --only-matching --or "
    "--perl-regexp --quiet --recursive --show-function --text --threads:n --untracked --word-regexp | text",
    "whatchanged": _LOG + "| text",
    "version": "--build-options | none",
}

_LIST_BRANCHES = (
    "-aqrv --all --remotes --list --show-current --contains:t --no-contains:t --merged? --no-merged? --points-at:t --sort:t --format:t "
    "--column? --no-column --color? --no-color --abbrev? --no-abbrev --verbose --ignore-case --omit-empty | text"
)
_MAKES_A_LIST = frozenset("--list --contains --no-contains --points-at --merged --no-merged".split())
_LIST_TAGS = (
    "-iln# --list --contains:t --no-contains:t --merged? --no-merged? --points-at:t --sort:t --format:t --column? --no-column --color? "
    "--ignore-case --omit-empty -n | text"
)
_CONFIG_KEY = r"(user\.(name|email)|init\.\w+|core\.(autocrlf|eol|filemode|ignorecase|bare|editor)|branch\.[\w./-]+\.\w+|pull\.\w+|push\.default|remote\.pushdefault|remote\.[\w./-]+\.url)"


def reading_git(args: list[str]) -> tuple[Use, list[str]]:
    """How `git` + `args` reads, and the folders given with -C in order. Unlisted where it may do more than read."""
    folders: list[str] = []
    rest = list(args)
    while rest and rest[0].startswith("-"):
        word = rest.pop(0)
        if word == "-C" and rest:
            folders.append(rest.pop(0))
        elif word in ("--no-pager", "-P", "--no-optional-locks", "--literal-pathspecs", "--no-replace-objects"):
            continue
        elif word in ("--version", "-v") and not rest:
            return Use(), folders
        else:
            raise Unlisted(word)
    if not rest:
        raise Unlisted("git")
    for word in rest:
        if "%G" in word or "%(signature" in word:  # shows signatures, and runs a program for it
            raise Unlisted(word)
    use = _subcommand(rest[0], rest[1:])
    use.operands += _followed_lines(rest[1:])
    return use, folders


def _followed_lines(args: list[str]) -> list[str]:
    """What `-L1,9:file` names: it shows lines of a file as an operand would."""
    values = [
        match[1] or after for word, after in pairwise([*args, ""]) if (match := re.fullmatch(r"-\w*?L(.*)", word))
    ]
    return [value for value in values if ":" in value]


def _subcommand(name: str, args: list[str]) -> Use:
    match name, args:
        case "branch", _:
            use = use_of(read_spec(_LIST_BRANCHES), args)
            # Only these make a list of it whatever else is said; else an operand is a branch to create.
            if use.operands and use.options.isdisjoint(_MAKES_A_LIST):
                raise Unlisted(use.operands[0])
            return use
        case "tag", _:
            use = use_of(read_spec(_LIST_TAGS), args)
            if use.operands and use.options.isdisjoint({"--list", "-l"}):
                raise Unlisted(use.operands[0])
            return use
        case "stash", ["list", *more]:
            return use_of(read_spec(_LOG + "| text"), more)
        case "stash", ["show", *more]:
            return use_of(read_spec(_DIFF + "--include-untracked --only-untracked | text"), more)
        case "remote", [] | ["-v"] | ["--verbose"]:
            return Use()
        case "remote", ["get-url", *more]:
            return use_of(read_spec("--all --push | text<2"), more)
        case "worktree", ["list", *more]:
            return use_of(read_spec("-vz --porcelain --verbose | none"), more)
        case "reflog", [] | ["show", *_]:
            return use_of(read_spec(_LOG + "| text"), args[1:])
        case "reflog", [first, *_] if first.startswith("-"):
            use = use_of(read_spec(_LOG + "| text"), args)
            if use.operands:
                raise Unlisted(use.operands[0])
            return use
        case "notes", ["list"] | ["show"]:
            return Use()
        case "symbolic-ref", _:
            return use_of(read_spec("-q --quiet --short | text<2"), args)
        case "config", ["--get", key] | ["get", key] | [key] if re.fullmatch(_CONFIG_KEY, key):
            return Use()
        case _:
            pass
    if name not in _READING:
        raise Unlisted(name)
    return use_of(read_spec(_READING[name]), args)


def paths_in(use: Use) -> list[str]:
    """What among the operands could name a file: `HEAD:path` shows the file as it was, `:(glob)x` is a path too."""
    found: list[str] = []
    for operand in use.operands:
        found.append(operand)
        if ":" in operand:
            found.append(operand.rsplit(":", 1)[1].rpartition(")")[2])
    return [name for name in found if name and name != "-"]
