"""Which commands may be remembered, and as what: the prefix that says what a command is for, or its very words.

Rows are `prefix: options | operands`. A row in OPEN is remembered as its prefix with `*`; one in
EXACT word for word. Options that are not listed (those that run, load or write something else)
make a use that is never remembered, and a remembered rule does not cover such a use either.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from plugsky_tui.permissions.command_rules import quote
from plugsky_tui.permissions.shell.options import Unlisted, read_spec, use_of
from plugsky_tui.permissions.shell.programs import SHELL_BUILTINS, interpreter, runs
from plugsky_tui.permissions.shell.reading import READING
from plugsky_tui.permissions.shell.special import SPECIAL

_GO = "-v! -race! -short! -cover! -a! -n! -x! -json! -failfast! -run:t -count:t -bench:t -timeout:t -tags:t -p:t -cpu:t -parallel:t -skip:t | text"
_CARGO = (
    "-qvr -p:t -j:n -F:t --release --all --workspace --all-targets --all-features --no-default-features --features:t --package:t --lib "
    "--bins --bin:t --example:t --examples --test:t --tests --benches --locked --offline --frozen --quiet --verbose --no-fail-fast "
    "--no-run --doc --no-deps --message-format:t --jobs:n --profile:t | text"
)
_PYTEST = (
    "-xvqslh -k:t -m:t -n:t -r:t --lf --ff --sw --nf --exitfirst --last-failed --failed-first --stepwise --maxfail:n --tb:t --durations:n "
    "--verbose --quiet --no-header --no-summary --collect-only --co --cov? --cov-report:t --timeout:n --color:t --capture:t --showlocals "
    "--strict-markers --runxfail | text"
)
_UNITTEST = "-vqfcb -k:t --verbose --quiet --failfast --buffer | text"
_COMPOSE = "--detach -d --build --force-recreate --no-deps --no-build --no-start --remove-orphans --wait --quiet-pull --pull:t --volumes -v "
_TIDY = "-qv --check --diff --fix --fix-only --unsafe-fixes --quiet --verbose --statistics --select:t --ignore:t --line-length:n --watch --no-cache --preview --output-format:t | text"
_MYPY = "-pvm --strict --no-incremental --ignore-missing-imports --show-error-codes --pretty --no-error-summary --follow-imports:t | text"

OPEN: dict[str, str] = {
    "touch": "-acm --no-create | text",
    "mkdir": "-pv --parents --verbose | text",
    "npm run *": "-s --silent --if-present | text",
    "npm test": "-s --silent | text",
    "npm start": "-s | text",
    "pnpm run *": "-s --silent --if-present | text",
    "pnpm test": "| text",
    "yarn run *": "| text",
    "yarn test": "| text",
    "bun run *": "| text",
    "bun test": "| text",
    "make *": "-BknsS -j:n --keep-going --silent --dry-run --always-make --jobs? | text",
    "just *": "| text",
    "task *": "| text",
    "cargo build": _CARGO,
    "cargo check": _CARGO,
    "cargo test": _CARGO,
    "cargo clippy": _CARGO,
    "cargo doc": _CARGO,
    "cargo run": _CARGO,
    "cargo bench": _CARGO,
    "cargo fmt": "--all --check --quiet -q | text",
    "cargo tree": "-i:t -e:t -d --depth:n | text",
    "go build": _GO,
    "go test": _GO,
    "go vet": _GO,
    "go fmt": "-n! -x! | text",
    "go mod tidy": "-v! | none",
    "go mod download": "-x! | text",
    "go list": "-m! -json! -deps! -test! -f:t -e! | text",
    "go version": "| none",
    "go doc": "-all! -short! -src! | text",
    "gofmt": "-lwds | text",
    "pytest": _PYTEST,
    "py.test": _PYTEST,
    "python -m pytest": _PYTEST,
    "python -m unittest": _UNITTEST,
    "python -B -m pytest": _PYTEST,
    "python -B -m unittest": _UNITTEST,
    "python -m http.server": "--bind:t -b:t | numbers",
    "python -m mypy": _MYPY,
    "mypy": _MYPY,
    "python -m ruff check": _TIDY,
    "python -m ruff format": _TIDY,
    "python -m black": _TIDY,
    "python -m isort": _TIDY,
    "python -m compileall": "-qf | text",
    "python -m json.tool": "--sort-keys --indent:n | text<2",
    "ruff check": _TIDY,
    "ruff format": _TIDY,
    "black": _TIDY,
    "isort": _TIDY,
    "flake8": "-qv --count --statistics --select:t --ignore:t --max-line-length:n | text",
    "basedpyright": "--outputjson --stats | text",
    "pyright": "--outputjson --stats | text",
    "eslint": "--fix --quiet --ext:t --max-warnings:n --cache --format:t | text",
    "prettier": "-wcl --write --check --list-different | text",
    "tsc": "-b --noEmit --build --pretty --watch -w --version | none",
    "jest": "-tiubo --watch --coverage --runInBand --verbose --silent --bail --ci --onlyChanged --testNamePattern:t | text",
    "vitest": "-tu --run --coverage --reporter:t --bail:n | text",
    "vitest run": "-tu --coverage --reporter:t --bail:n | text",
    "rspec": "-fe:t --fail-fast | text",
    "docker compose up": _COMPOSE + "| text",
    "docker compose down": "--remove-orphans | text",
    "docker compose build": "--no-cache --pull -q | text",
    "docker compose logs": "-fnt --follow --tail:n --timestamps --no-color --since:t | text",
    "docker compose ps": "-aq --all --quiet --services | text",
    "docker compose pull": "-q --quiet | text",
    "docker compose restart": "| text",
    "docker compose stop": "| text",
    "docker compose start": "| text",
    "docker-compose up": _COMPOSE + "| text",
    "docker-compose down": "--remove-orphans | text",
    "docker-compose logs": "-ft --tail:n | text",
    "docker ps": "-aqls --all --quiet --no-trunc --format:t --filter:t -n:n | none",
    "docker images": "-aq --all --quiet --format:t | text",
    "docker logs": "-ft -n:n --follow --tail:n --timestamps --since:t | text",
    "git add": "-AuvnN --all --update --verbose --dry-run --intent-to-add | text",
    "git commit": "-aqsv -m:t --all --message:t --quiet --signoff --no-edit --allow-empty --verbose | text",
    "gh pr list": "-L:n -s:t --json:t --limit:n --state:t --author:t --label:t | text",
    "gh pr view": "-c --json:t --comments | text",
    "gh pr diff": "--name-only --color:t | text",
    "gh pr checks": "| text",
    "gh pr status": "| none",
    "gh issue list": "-L:n -s:t --json:t --limit:n --state:t --author:t --label:t | text",
    "gh issue view": "-c --json:t --comments | text",
    "gh run list": "-L:n --limit:n --json:t | text",
    "gh run view": "--log --log-failed --json:t | text",
    "mvn test": "-qo | text",
    "mvn compile": "-qo | text",
    "mvn verify": "-qo | text",
    "mvn package": "-qo | text",
    "gradle test": "| text",
    "gradle build": "| text",
    "dotnet build": "-c:t --no-restore | text",
    "dotnet test": "-c:t --no-build --no-restore --filter:t | text",
    "swift build": "-c:t | none",
    "swift test": "--filter:t --parallel | none",
    "tox": "-e:t -q | none",
    "nox": "-s:t | none",
    "pre-commit run": "-a --all-files --files | text",
    "ninja": "-j:n -k:n -v | text",
    "pip list": "--outdated --format:t | none",
    "pip show": "-f | text",
    "pip freeze": "| none",
    "uv sync": "--frozen --locked --all-extras --dev -q | none",
    "uv lock": "--check -q | none",
    "npm ls": "-al --all --depth:n | text",
    "npm outdated": "| text",
}

_PIP = "-Uqv -r:t -e:t -c:t --upgrade --quiet --user --no-deps --pre --requirement:t --editable:t | text"
EXACT: dict[str, str] = {
    "cp": "-aRrpvnuLPdT --recursive --archive --verbose --no-clobber --update --preserve? | text",
    "mv": "-nvu --verbose --no-clobber --update | text",
    "ln": "-sfnrv --symbolic --relative | text",
    "rmdir": "-pv | text",
    "tee": "-a --append | text",
    "chmod": "-v | text",
    "pip install": _PIP,
    "pip uninstall": "-yq | text",
    "pip download": "-q | text",
    "python -m pip install": _PIP,
    "python -m pip list": "| none",
    "python -m venv": "--clear --upgrade --system-site-packages | text",
    "python -m build": "--wheel --sdist -w -s | text",
    "python -m ensurepip": "--upgrade | none",
    "uv add": "--dev | text",
    "uv remove": "--dev | text",
    "uv pip install": _PIP,
    "uv venv": "| text",
    "uv pip list": "| none",
    "poetry install": "-q --no-root | none",
    "poetry add": "-D | text",
    "poetry lock": "| none",
    "npm install": "-DEPS --save --save-dev --save-exact --no-save --no-audit --no-fund | text",
    "npm i": "-DE --save-dev | text",
    "npm ci": "| none",
    "npm uninstall": "-D --save-dev | text",
    "npm audit": "--json | none",
    "npm init": "-y | none",
    "pnpm install": "--frozen-lockfile | none",
    "pnpm add": "-D | text",
    "yarn install": "--frozen-lockfile --immutable | none",
    "yarn add": "-D | text",
    "bun install": "| none",
    "bun add": "-d | text",
    "bundle install": "| none",
    "composer install": "| none",
    "cargo add": "--dev -F:t --features:t | text",
    "cargo update": "-p:t | none",
    "cargo clean": "| none",
    "go get": "-u! -t! | text",
    "go generate": "| text",
    "go mod init": "| text<2",
    "make": "-BknsS -j:n | none",
    "git init": "-q | none",
    "git fetch": "-pqvt --all --prune --tags --quiet | text",
    "git pull": "-qr --rebase --ff-only --no-rebase --quiet | text",
    "git push": "-uqnv --set-upstream --tags --follow-tags --dry-run --quiet | text",
    "git switch": "-c:t --create:t --detach | text<2",
    "git checkout -b": "| text<3",
    "git merge": "-q --no-ff --ff-only --abort --continue --squash | text<2",
    "git mv": "-v | text",
    "git stash": "-qu --include-untracked | none",
    "git stash push": "-qu -m:t --include-untracked | text",
    "git stash pop": "-q --index | none",
    "git stash apply": "-q --index | none",
    "git restore --staged": "| text",
    "git cherry-pick": "-n --abort --continue | text<2",
    "git revert": "-n --no-edit --abort | text<2",
    "curl": "-sSfLIiv -m:n --silent --show-error --fail --location --head --include --verbose --compressed --max-time:n | text",
    "wget": "-q --quiet | text",
    "docker build": "-q -t:t --tag:t --no-cache --pull | text<2",
    "docker pull": "-q | text<2",
    "docker compose": "| none",
    "tar": "-cxtvzjJkp -f:t -C:t --exclude:t --strip-components:n | text",
    "unzip": "-loqnt -d:t | text",
    "zip": "-rqju9 | text",
    "gzip": "-kdv | text",
    "gunzip": "-kv | text",
    "brew install": "-q | text",
    "brew list": "| text",
    "cmake": "-B:t -S:t -G:t --build:t | text",
    "terraform plan": "| none",
    "terraform init": "| none",
    "terraform fmt": "| none",
    "terraform validate": "| none",
}

_RUN_INSIDE = (("uv", "run"), ("poetry", "run"), ("pdm", "run"), ("hatch", "run"))
_PLAIN = r"[A-Za-z0-9_./@+,:%^-]+"


def rule_for(words: Sequence[str]) -> str | None:
    """The pattern to remember the command `words` by, None where it must not be. The words are exact ones."""
    name = re.sub(r"^(python|pip)[0-9.]+$", r"\1", words[0])
    if tuple(words[:2]) in _RUN_INSIDE:
        inside = _known(words[2:], words[2:]) if len(words) > 2 else None
        return f"{words[0]} {words[1]} {inside}" if inside else None
    known = _known([name, *words[1:]], words)
    if known is not None or name in _NAMES:
        return known
    if name == "rm":
        return _removal(words)
    return _unknown(words)


_NAMES = frozenset(row.split()[0] for row in (*OPEN, *EXACT))


def _known(words: Sequence[str], written: Sequence[str]) -> str | None:
    for length in (4, 3, 2, 1):
        if len(words) < length:
            continue
        prefix = " ".join(words[:length])
        row, table = next(
            ((row, table) for table in (OPEN, EXACT) for row in (prefix, _starred(words, length)) if row in table),
            (None, None),
        )
        if row is None or table is None:
            continue
        if row.endswith("*") and not re.fullmatch(r"[A-Za-z0-9_][\w./:-]*", words[length - 1]):
            continue
        try:
            use = use_of(read_spec(table[row]), list(words[length:]))
        except Unlisted:
            return None
        if words[0] == "tar" and any(":" in word for word in words):
            return None  # a file on another computer, fetched by rsh
        if not _harmless_operands(words[0], use.operands) or not all(map(_quotable, written)):
            return None
        kept = written[:length] if table is OPEN else written
        return " ".join(map(quote, kept)) + (" *" if table is OPEN else "")
    return None


def _starred(words: Sequence[str], length: int) -> str:
    """The row for "any word here": `npm run *` for `npm run dev`."""
    return " ".join([*words[: length - 1], "*"])


def _harmless_operands(name: str, operands: Sequence[str]) -> bool:
    match name:
        case "make" | "just" | "task" | "ninja" | "gradle" | "mvn":
            return not any("=" in operand or operand.startswith("-") for operand in operands)  # SHELL=…, -D…
        case "git":
            return not any(operand.startswith(("+", "-")) or "::" in operand for operand in operands)
        case "curl" | "wget":
            return bool(operands) and all(
                re.fullmatch(r"https?://[\w.~:/?#@!$&'()+,;=%-]+", operand) for operand in operands
            )
        case "cargo":
            return not any(operand.startswith("+") for operand in operands)
        case _:
            return True


def _removal(words: Sequence[str]) -> str | None:
    """Only the everyday spellings, word for word: `rm f`, `rm -r d`, and `rm -rf d` for what a build leaves behind.
    Force in any other spelling is asked about each time."""
    rest = list(words[1:])
    if rest and rest[0] in ("-r", "-rf"):
        rest = rest[1:]
    if not rest or any(word.startswith("-") or not re.fullmatch(_PLAIN, word) for word in rest):
        return None
    return " ".join(map(quote, words))


def _unknown(words: Sequence[str]) -> str | None:
    """A command of no table: word for word, if it is plain words only and none of them runs others."""
    name = words[0]
    if name in READING or name in SPECIAL or name in SHELL_BUILTINS or name in _NEVER:
        return None
    for word in words:
        if word.startswith("-") or not re.fullmatch(_PLAIN, word) or interpreter(word) or runs(word):
            return None
    return " ".join(words)


# Known, and never remembered: they take programs, queries or whole machines for arguments.
_NEVER = frozenset(
    "git docker podman kubectl helm ansible ansible-playbook terraform aws gcloud az systemctl service launchctl crontab mount umount dd "
    "mkfs shred kill pkill killall reboot shutdown halt poweroff printenv ps lsof curl tar zip unzip ag ack apt apt-get dnf yum pacman "
    "snap gpg openssl ssh-keygen ssh-add passwd useradd usermod visudo iptables nmap tcpdump ffmpeg convert go cargo npm yarn pnpm make "
    "pip poetry uv gem bundle hg svn install patch truncate yq split csplit tput stty reset clear xdg-open open start say pbpaste xclip bat batcat vimdiff gvim code subl dialog whiptail top htop yes".split()
)


def _quotable(word: str) -> bool:
    try:
        quote(word)
    except ValueError:
        return False
    return True
