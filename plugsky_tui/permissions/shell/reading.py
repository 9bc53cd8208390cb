"""The commands that only read, each with the options it may have. A table, and nothing but.

What is left out is left out on purpose: options that write (`sort -o`), run programs (`rg --pre`,
`diff -l`), read lists of further files (`wc --files0-from`) or never end (`tail -f`); commands
with a second operand they write to get a limit. Sources: the GNU coreutils, findutils, grep and
diffutils manuals, ripgrep's and jq's own, and the BSD pages where they differ.
"""

from __future__ import annotations

_HASH = "-btz --binary --text --tag --zero | paths"

READING: dict[str, str] = {
    # --- files
    "ls": "-aAbBcCdfFgGhHiklLmnNopqQrRsStTuUvwxXZ1 -I:t -w:n --all --almost-all --author --classify? --color? --directory --full-time "
    "--group-directories-first --human-readable --ignore:t --inode --no-group --numeric-uid-gid --recursive --reverse --si --size "
    "--sort:t --time:t --time-style:t --indicator-style:t --format:t | names",
    "cat": "-AbeEnstTuv --show-all --number --number-nonblank --squeeze-blank --show-ends --show-tabs --show-nonprinting | paths",
    "tac": "-br -s:t --before --regex --separator:t | paths",
    "head": "-qvz -# -c:n -n:n --bytes:n --lines:n --quiet --silent --verbose --zero-terminated | paths",
    "tail": "-qrvz -# -c:n -n:n --bytes:n --lines:n --quiet --silent --verbose --zero-terminated | paths",
    "wc": "-clLmw --bytes --chars --lines --words --max-line-length | paths",
    "nl": "-p -b:t -d:t -f:t -h:t -i:n -l:n -n:t -s:t -v:n -w:n | paths",
    "rev": "| paths",
    "fold": "-bs -w:n --bytes --spaces --width:n | paths",
    "fmt": "-cstu -w:n --width:n | paths",
    "expand": "-i -t:t --initial --tabs:t | paths",
    "unexpand": "-a -t:t --all --first-only --tabs:t | paths",
    "cut": "-nsz -b:t -c:t -d:t -f:t --bytes:t --characters:t --delimiter:t --fields:t --complement --only-delimited --output-delimiter:t | paths",
    "paste": "-sz -d:t --serial --delimiters:t | paths",
    "column": "-xtneL -s:t -c:n -o:t -N:t -R:t -H:t -l:n --table --separator:t --output-separator:t --table-columns:t --table-right:t | paths",
    "tr": "-cCdst --complement --delete --squeeze-repeats --truncate-set1 | text",
    "sort": "-bdfghiMnrRsuVzcCm -k:t -t:t --key:t --field-separator:t --numeric-sort --general-numeric-sort --human-numeric-sort "
    "--version-sort --reverse --unique --ignore-case --ignore-leading-blanks --dictionary-order --stable --zero-terminated --check? "
    "--merge --month-sort --random-sort --sort:t | paths",
    "uniq": "-cdDiuz -f:n -s:n -w:n --count --repeated --ignore-case --unique --all-repeated? --group? --skip-fields:n --skip-chars:n "
    "--check-chars:n --zero-terminated | paths<2",
    "comm": "-123z --nocheck-order --check-order --output-delimiter:t --total | paths<3",
    "join": "-iz -1:n -2:n -a:n -e:t -o:t -t:t -v:n -j:n --header --nocheck-order | paths<3",
    "diff": "-abBcdeEiNnpqrstTuwyZ -C:n -U:n -W:n -I:t -x:t -F:t --brief --report-identical-files --side-by-side --suppress-common-lines "
    "--width:n --unified? --context? --recursive --new-file --ignore-case --ignore-space-change --ignore-all-space "
    "--ignore-blank-lines --strip-trailing-cr --text --color? --exclude:t --label:t --minimal --normal --no-dereference | paths<3",
    "cmp": "-bls -n:n --print-bytes --verbose --silent --quiet | paths<3",
    "od": "-abcdfilosvx -A:t -t:t -N:n -j:n -w:n | paths",
    "hexdump": "-bcCdovx -n:n -s:t | paths",
    "xxd": "-abeiu -c:n -g:n -l:t -s:t | paths<2",
    "strings": "-a -# -n:n -t:t -e:t --all --bytes:n --radix:t --encoding:t | paths",
    "base64": "-d -w:n --decode --wrap:n | paths<2",
    "base32": "-d -w:n --decode --wrap:n | paths<2",
    "md5sum": _HASH,
    "sha1sum": _HASH,
    "sha224sum": _HASH,
    "sha256sum": _HASH,
    "sha384sum": _HASH,
    "sha512sum": _HASH,
    "b2sum": _HASH,
    "cksum": "| paths",
    "sum": "-rs | paths",
    "md5": "-qr | paths",
    "shasum": "-bt -a:n --algorithm:n --binary --text | paths",
    "stat": "-fLtx -c:t --format:t --printf:t --terse --dereference --file-system | names",
    "file": "-bhiILkNnr0 -F:t --brief --mime --mime-type --mime-encoding --dereference --no-dereference --raw | names",
    "du": "-abcDhHklLmsSx0 -d:n --all --apparent-size --bytes --total --human-readable --max-depth:n --summarize --exclude:t --si "
    "--one-file-system --time? -t:t --threshold:t | names",
    "df": "-aBhHiklmPTv -t:t -x:t --all --human-readable --si --inodes --local --print-type --total --type:t --exclude-type:t --output? | text",
    "tree": "-adfFghinNpqQrsStuUvxACDJX -L:n -I:t -P:t --noreport --dirsfirst --filesfirst --gitignore --prune --du --si --inodes "
    "--device --matchdirs --ignore-case --sort:t --filelimit:n --charset:t --timefmt:t --metafirst | names",
    "realpath": "-eLmPqsz --canonicalize-existing --canonicalize-missing --no-symlinks --strip --quiet --relative-to:m --relative-base:m | names",
    "readlink": "-efmnqsvz --canonicalize --canonicalize-existing --canonicalize-missing --no-newline | names",
    "basename": "-az -s:t --multiple --suffix:t --zero | text",
    "dirname": "-z --zero | text",
    "pathchk": "-pP | text",
    # --- searching
    "grep": "-abcEFGhHiIlLnoPqrRsTUvVwxyzZ -# -A:n -B:n -C:n -e:t -f:p -m:n --after-context:n --before-context:n --context:n "
    "--basic-regexp --binary-files:t --byte-offset --color? --colour? --count --exclude:t --exclude-dir:t "
    "--extended-regexp --file:p --files-with-matches --files-without-match --fixed-strings --ignore-case --no-ignore-case --include:t "
    "--initial-tab --invert-match --label:t --line-buffered --line-number --line-regexp --max-count:n --no-filename --no-messages "
    "--null --null-data --only-matching --perl-regexp --quiet --silent --recursive --dereference-recursive --regexp:t --text "
    "--with-filename --word-regexp --version | pattern paths",
    "rg": "-.0acFHiIlnNopPqsSuUvVwx -A:n -B:n -C:n -d:n -e:t -f:p -g:t -j:n -m:n -M:n -r:t -t:t -T:t -E:t --after-context:n "
    "--before-context:n --block-buffered --byte-offset --case-sensitive --color:t --colors:t --column --context:n --context-separator:t "
    "--count --count-matches --crlf --encoding:t --engine:t --field-context-separator:t --field-match-separator:t --file:p --files "
    "--files-with-matches --files-without-match --fixed-strings --glob:t --glob-case-insensitive --heading --hidden --iglob:t "
    "--ignore-case --ignore-file:p --include-zero --invert-match --json --line-buffered --line-number --line-regexp --max-columns:n "
    "--max-columns-preview --max-count:n --max-depth:n --max-filesize:t --mmap --multiline --multiline-dotall --no-config --no-heading "
    "--no-hidden --no-ignore --no-ignore-dot --no-ignore-exclude --no-ignore-files --no-ignore-global --no-ignore-messages "
    "--no-ignore-parent --no-ignore-vcs --no-line-number --no-filename --no-messages --no-mmap --no-unicode --null --null-data "
    "--one-file-system --only-matching --passthru --path-separator:t --pcre2 --pretty --quiet --regexp:t --replace:t --smart-case "
    "--sort:t --sortr:t --stats --text --threads:n --trim --type:t --type-add:t --type-list --type-not:t --unrestricted --version "
    "--vimgrep --with-filename --word-regexp | pattern paths",
    "fd": "-0aFgHiIpsuV -c:t -d:n -e:t -E:t -j:n -S:t -t:t --absolute-path --case-sensitive --changed-before:t --changed-within:t --color:t "
    "--exact-depth:n --exclude:t --extension:t --fixed-strings --full-path --glob --hidden --ignore-case --max-depth:n --max-results:n "
    "--min-depth:n --no-ignore --no-ignore-vcs --print0 --prune --size:t --type:t --unrestricted --version | pattern names",
    # --- the machine
    "pwd": "-LP --logical --physical | none",
    "date": "-juRI -Iseconds! -Iminutes! -Ihours! -Idate! -d:t --date:t --utc --universal --rfc-email --iso-8601? --rfc-3339:t | text",
    "cal": "-13hjmswy | text",
    "whoami": "| none",
    "logname": "| none",
    "tty": "-s | none",
    "arch": "| none",
    "nproc": "--all | none",
    "groups": "| text",
    "id": "-aGgnruz --group --groups --name --real --user | text",
    "uname": "-aimnoprsv --all --kernel-name --nodename --kernel-release --machine --operating-system | none",
    "hostname": "-fis --fqdn --short | none",
    "uptime": "-ps --pretty --since | none",
    "free": "-bgkmhtw --human --mega --giga --total --wide | none",
    "lscpu": "-aeJ --json | none",
    "getconf": "| text",
    "which": "-as --all | text",
    "locale": "-a | none",
    # --- the shell's own
    "true": "| text",
    "false": "| text",
    ":": "| text",
    "type": "-aftpP | text",
    "seq": "-w -f:t -s:t --equal-width --format:t --separator:t | numbers",
    "sleep": "| numbers",
}
READING["egrep"] = READING["fgrep"] = READING["grep"]
READING["fdfind"] = READING["fd"]
READING["ggrep"] = READING["grep"]
READING["gls"] = READING["ls"]

# Commands whose only plain use is to name their version. Left out: those that read what they are from the
# folder they stand in (cargo and rustc by rust-toolchain, yarn by .yarnrc.yml, go by go.mod, pytest by its plugins).
VERSION_FLAGS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        "gcc g++ clang clang++ make cmake ninja git rg jq curl wget bash zsh sed awk gawk tar docker podman uv ruff mypy black "
        "shellcheck tmux tree sqlite3 psql gh fzf bat fd ruby perl php lua pip pip3 node npm deno bun".split(),
        ("--version",),
    ),
    **dict.fromkeys(("python", "python2", "python3", "pypy3"), ("--version", "-V", "-VV")),
}
VERSION_FLAGS["node"] = ("--version", "-v")
VERSION_FLAGS["npm"] = ("--version", "-v")
VERSION_FLAGS["ruby"] = VERSION_FLAGS["perl"] = VERSION_FLAGS["php"] = ("--version", "-v")
VERSION_FLAGS["java"] = ("--version", "-version")
VERSION_FLAGS["javac"] = ("--version", "-version")
VERSION_FLAGS["bash"] = ("--version",)
