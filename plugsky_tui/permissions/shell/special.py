"""Reading commands whose arguments are a small language of their own, each held to a plain part of it."""

from __future__ import annotations

import re
from collections.abc import Callable

from plugsky_tui.permissions.shell.options import Unlisted, Use, read_spec, use_of
from plugsky_tui.permissions.shell.reading import READING


def _echo(args: list[str]) -> Use:
    return Use()


def _printf(args: list[str]) -> Use:
    """printf(1) of bash: `-v` assigns, and so does %n."""
    if args[:1] == ["--"]:
        args = args[1:]
    if not args or args[0].startswith("-"):
        raise Unlisted(args[0] if args else "printf")
    if re.search(r"%[^%A-Za-z]*n", args[0].replace("%%", "")):
        raise Unlisted("%n")
    return Use()


_FILE_TESTS = frozenset("-a -b -c -d -e -f -g -h -k -p -r -s -u -w -x -L -N -O -S -G".split())
_TEXT_TESTS = frozenset(("-z", "-n", "-t"))
_COMPARES = frozenset(("=", "==", "!=", "<", ">"))
_NUMBERS = frozenset("-eq -ne -lt -le -gt -ge".split())
_FILE_COMPARES = frozenset(("-nt", "-ot", "-ef"))


def _test(args: list[str]) -> Use:
    """test(1): file tests and comparisons, one or two joined by -a or -o. `-v` and `-R` evaluate subscripts."""
    use = Use()
    rest = list(args)
    while True:
        while rest[:1] == ["!"]:
            rest = rest[1:]
        match rest:
            case [_, operator, _, *more] if operator in _COMPARES:
                rest = more
            case [left, operator, right, *more] if operator in _FILE_COMPARES:
                use.names += [left, right]
                rest = more
            case [left, operator, right, *more] if operator in _NUMBERS:
                for number in (left, right):
                    if not re.fullmatch(r"[+-]?\d+", number):
                        raise Unlisted(number)
                rest = more
            case [operator, name, *more] if operator in _FILE_TESTS:
                use.names.append(name)
                rest = more
            case [operator, _, *more] if operator in _TEXT_TESTS:
                rest = more
            case [word, *more] if not word.startswith("-"):
                rest = more
            case _:
                raise Unlisted(" ".join(rest) or "test")
        if not rest:
            return use
        if rest[0] not in ("-a", "-o"):
            raise Unlisted(rest[0])
        rest = rest[1:]


def _bracket(args: list[str]) -> Use:
    if args[-1:] != ["]"]:
        raise Unlisted("[")
    return _test(args[:-1])


_FIND_TEXT = frozenset(
    "-name -iname -path -ipath -wholename -iwholename -regex -iregex -regextype -type -xtype -size -mtime -mmin -atime -amin "
    "-ctime -cmin -perm -user -group -uid -gid -links -inum -lname -ilname -fstype -printf -maxdepth -mindepth -used -newermt".split()
)
_FIND_FILE = frozenset("-newer -anewer -cnewer -samefile".split())
_FIND_PLAIN = frozenset(
    "-empty -print -print0 -ls -prune -quit -true -false -readable -writable -executable -depth -d -xdev -mount -nouser -nogroup "
    "-daystart -noleaf -nowarn -warn ! -not -a -and -o -or , ( )".split()
)


def _find(args: list[str]) -> Use:
    """find(1): folders, then tests and actions that print. Everything that runs, deletes or writes is not here."""
    use = Use()
    rest = list(args)
    while rest[:1] in (["-H"], ["-P"]):
        rest = rest[1:]
    while rest and not rest[0].startswith("-") and rest[0] not in ("!", "(", ")", ","):
        use.names.append(rest.pop(0))
    while rest:
        word = rest.pop(0)
        if word in _FIND_PLAIN:
            continue
        if word in _FIND_TEXT | _FIND_FILE and rest:
            value = rest.pop(0)
            if word in _FIND_FILE:
                use.names.append(value)
            continue
        raise Unlisted(word)
    return use


_SED_PRINT = r"((\d+|\$)(,(\d+|\$|[+~]\d+))?p)(;((\d+|\$)(,(\d+|\$|[+~]\d+))?p))*;?|\d+q|=|\$="


def _sed(args: list[str]) -> Use:
    """sed(1): lines by their numbers, printed. Any other script may write (`w`) or run (`e`)."""
    use = Use()
    scripts: list[str] = []
    rest = list(args)
    operands: list[str] = []
    while rest:
        word = rest.pop(0)
        if word in ("-n", "--quiet", "--silent", "-E", "-r", "-s"):
            continue
        if word == "-e" and rest:
            scripts.append(rest.pop(0))
        elif word == "--":
            operands += rest
            break
        elif word.startswith("-") and word != "-":
            raise Unlisted(word)
        else:
            operands.append(word)
    if not scripts and operands:
        scripts.append(operands.pop(0))
    for script in scripts:
        if not re.fullmatch(_SED_PRINT, script.strip()):
            raise Unlisted(script)
    if not scripts:
        raise Unlisted("sed")
    use.paths = [operand for operand in operands if operand != "-"]
    return use


_AWK_WORDS = frozenset(
    "BEGIN END NR NF FNR FS OFS ORS RS FILENAME RSTART RLENGTH SUBSEP print printf if else for while in next exit length substr index split "
    "tolower toupper sprintf int match gsub sub delete break continue do return".split()
)
_AWK_NEVER = r"[|@`]|\\\n|\b(system|getline|close|fflush|ENVIRON|PROCINFO|SYMTAB|FUNCTAB)\b"
_AWK_COMPARES = r"[^{}\"/]*(\{[^{}\"/>]*\})?\s*"  # before the braces `>` compares, in them it writes
_AWK_LEXEME = r"\s+|\"(?:[^\"\\\n]|\\.)*\"|\|\||&&|[$]|[A-Za-z_]\w*|\d+(?:\.\d+)?|[-+*/%^!~=?:;,{}()\[\]]|[<>]"


def _awk(args: list[str]) -> Use:
    """awk(1): programs of plain words that can only print. No `>`, `|`, `<`, no calls but the string functions."""
    use = Use()
    rest = list(args)
    while rest and rest[0].startswith("-") and rest[0] != "-":
        word = rest.pop(0)
        if word == "--":
            break
        if word in ("-F", "-v") and rest:
            value = rest.pop(0)
        elif word[:2] in ("-F", "-v") and not word.startswith("--"):
            value = word[2:]
        else:
            raise Unlisted(word)
        if word.startswith("-v") and not re.fullmatch(r"[a-z_]\w*=[^\\]*", value):
            raise Unlisted(value)
    if not rest:
        raise Unlisted("awk")
    program = rest.pop(0)
    # First what no program may hold wherever it stands, for a division can be taken for a pattern below.
    if re.search(_AWK_NEVER, program.replace("||", "")) or (
        ">" in program and not re.fullmatch(_AWK_COMPARES, program)
    ):
        raise Unlisted(program)
    bare = re.sub(r"(?<=[{(;!~&|,\s])/(?:[^/\\\n]|\\.)+/|^\s*/(?:[^/\\\n]|\\.)+/", " 1 ", program)  # patterns
    place = 0
    while place < len(bare):
        token = re.compile(_AWK_LEXEME).match(bare, place)
        if token is None:
            raise Unlisted(program)
        word, after = token.group(), bare[token.end() :].lstrip()
        if (
            re.match(r"[A-Za-z_]", word)
            and word not in _AWK_WORDS
            and (not word.islower() or len(word) > 12 or after.startswith("("))
        ):
            raise Unlisted(word)
        place = token.end()
    for operand in rest:
        if "=" in operand:
            raise Unlisted(operand)
    use.paths = [operand for operand in rest if operand != "-"]
    return use


_JQ = "-cahrRsSCMnj --tab --indent:n --compact-output --raw-output --slurp --sort-keys --exit-status --ascii-output --color-output --monochrome-output --null-input --raw-input --join-output | pattern paths"


def _jq(args: list[str]) -> Use:
    """jq(1): a filter without the words that read the environment or further files."""
    use = use_of(read_spec(_JQ), args)
    if not use.operands:
        raise Unlisted("jq")
    program = use.operands[0]
    if re.search(r"\b(env|ENV|import|include|modulemeta|get_search_list)\b", program):
        raise Unlisted(program)
    return use


def _date(args: list[str]) -> Use:
    use = use_of(read_spec(READING["date"]), args)
    for operand in use.operands:
        if not operand.startswith("+"):
            raise Unlisted(operand)
    return use


def _strings(args: list[str]) -> Use:
    use = use_of(read_spec(READING["strings"]), args)
    for operand in use.operands:
        if operand.startswith("@"):  # binutils read further options from such a file
            raise Unlisted(operand)
    return use


def _set(args: list[str]) -> Use:
    """`set -euo pipefail` and its parts: they make a line stricter and change nothing else."""
    rest = list(args)
    while rest:
        word = rest.pop(0)
        if not re.fullmatch(r"-[eux]*o?", word) or word == "-":
            raise Unlisted(word)
        if word.endswith("o") and (not rest or rest.pop(0) not in ("pipefail", "errexit", "nounset", "xtrace")):
            raise Unlisted(word)
    if not args:
        raise Unlisted("set")  # lists every variable
    return Use()


def _exit(args: list[str]) -> Use:
    if len(args) > 1 or any(not re.fullmatch(r"\d{1,3}", word) for word in args):
        raise Unlisted(" ".join(args))
    return Use()


def _command(args: list[str]) -> Use:
    """`command -v NAME`; as a wrapper it is taken off before."""
    if args[:1] not in (["-v"], ["-V"]) or any(word.startswith("-") for word in args[1:]):
        raise Unlisted("command")
    return Use()


SPECIAL: dict[str, Callable[[list[str]], Use]] = {
    "echo": _echo,
    "printf": _printf,
    "test": _test,
    "[": _bracket,
    "find": _find,
    "sed": _sed,
    "awk": _awk,
    "gawk": _awk,
    "mawk": _awk,
    "jq": _jq,
    "date": _date,
    "strings": _strings,
    "set": _set,
    "exit": _exit,
    "command": _command,
}
