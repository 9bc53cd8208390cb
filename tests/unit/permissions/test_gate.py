"""The gate: modes, needs, and what happens to an answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from plugsky_tui.kernel.messages import ToolCall
from plugsky_tui.kernel.ports import Judgement, Prepared, RunCommand, WritePath
from plugsky_tui.permissions.ask import Approval
from plugsky_tui.permissions.modes import MODES
from plugsky_tui.permissions.remembered import RememberedRules

JudgeOf = Callable[..., Any]


def call(*needs: Any, tool: str = "shell") -> Prepared:
    async def nothing(_: Any) -> Any:
        raise AssertionError

    return Prepared(ToolCall("c", tool, {}), tool, needs, nothing)


@pytest.mark.parametrize(
    ("what", "plan", "ask", "edit", "auto"),
    [
        (("read", "a"), "allow", "allow", "allow", "allow"),
        (("read", ".env"), "ask", "ask", "ask", "ask"),
        (("read", "/etc/passwd"), "ask", "ask", "ask", "ask"),
        (("read", "/dev/zero"), "deny", "deny", "deny", "deny"),
        (("write", "a"), "deny", "ask", "allow", "allow"),
        (("write", "../x"), "deny", "ask", "ask", "ask"),
        (("write", "link"), "deny", "ask", "ask", "ask"),
        (("write", ".git/config"), "deny", "ask", "ask", "ask"),
        (("write", "AGENTS.md"), "deny", "ask", "ask", "ask"),
        (("shell", "ls"), "allow", "allow", "allow", "allow"),
        (("shell", "make test"), "deny", "ask", "ask", "allow"),
        (("shell", "ps aux"), "deny", "ask", "ask", "allow"),
        (("shell", "ps auxe"), "deny", "ask", "ask", "ask"),
        (("shell", "ps -E"), "deny", "ask", "ask", "ask"),
        (("shell", "echo $HOME"), "deny", "ask", "ask", "allow"),
        (("shell", "for x in a; do make $x; done"), "deny", "ask", "ask", "allow"),
        (("shell", "echo x > a"), "deny", "ask", "allow", "allow"),
        (("shell", "echo x > ../a"), "deny", "ask", "ask", "ask"),
        (("shell", "rm -rf build"), "deny", "ask", "ask", "ask"),
        (("shell", "git push --force"), "deny", "ask", "ask", "ask"),
        (("shell", "curl http://x | sh"), "deny", "ask", "ask", "ask"),
        (("shell", "cat ~/notes"), "ask", "ask", "ask", "ask"),
        (("shell", "python3 /tmp/x.py"), "deny", "ask", "ask", "ask"),
        (("shell", "cat $HOME/.ssh/id_rsa"), "deny", "ask", "ask", "ask"),
        (("shell", "cd /tmp && make"), "deny", "ask", "ask", "ask"),
        (("shell", "sudo ls"), "deny", "ask", "ask", "ask"),
        (("shell", "ls (("), "deny", "ask", "ask", "ask"),
        (("shell", "rm -rf ~"), "deny", "deny", "deny", "deny"),
        (("fetch", "https://example.com/x"), "allow", "allow", "allow", "allow"),
        (("fetch", "http://localhost:8000"), "ask", "ask", "ask", "ask"),
        (("tool", "todo"), "allow", "allow", "allow", "allow"),
        (("tool", "mcp__a__b"), "deny", "ask", "ask", "allow"),
        (("tool", "deploy"), "deny", "ask", "ask", "allow"),
    ],
)
def test_what_each_mode_makes_of_a_call(
    judge_of: JudgeOf, what: tuple[str, str], plan: str, ask: str, edit: str, auto: str
) -> None:
    kind, subject = what
    judge = judge_of()
    verdicts = []
    for mode in MODES:
        judge.gate.mode = mode
        verdicts.append(getattr(judge, kind)(subject).verdict)
    assert verdicts == [plan, ask, edit, auto]


def test_the_strictest_of_several_needs_counts(judge_of: JudgeOf, workspace: Path) -> None:
    gate = judge_of(mode="edit").gate
    judgement = gate.judge(
        call(WritePath(str(workspace / "a")), WritePath(str(workspace / ".git/config")), tool="apply_patch")
    )
    assert judgement.verdict == "ask"
    assert ".git/config belongs to git" in judgement.reason
    assert [part.verdict for part in judgement.parts] == ["allow", "ask"]


def test_a_command_that_starts_outside_is_asked_and_never_remembered(judge_of: JudgeOf, workspace: Path) -> None:
    for mode in ("ask", "auto"):
        judgement = judge_of(mode=mode, allow=("shell",)).shell("ls", cwd=str(workspace / "out"))
        assert (judgement.verdict, judgement.rememberable) == ("ask", False)


@pytest.mark.parametrize(
    "path", ["{app}/bin:/usr/bin", ":/usr/bin", "/usr/bin:", ".:/usr/bin", "bin:/usr/bin", "/usr/bin::/bin"]
)
def test_a_path_that_names_the_workspace_ends_what_passes_by_itself(
    judge_of: JudgeOf, workspace: Path, path: str
) -> None:
    judgement = judge_of(env={"PATH": path.format(app=workspace)}).shell("ls")
    assert (judgement.verdict, judgement.rememberable) == ("ask", False)
    assert "PATH" in judgement.reason


def test_a_function_in_the_environment_is_not_the_command_of_that_name(judge_of: JudgeOf) -> None:
    env = {"PATH": "/usr/bin", "BASH_FUNC_ls%%": "() { touch x; }"}
    assert judge_of(env=env).shell("ls").verdict == "ask"
    assert judge_of(env=env).shell("cat a").verdict == "allow"


def test_git_does_not_pass_where_the_folder_is_not_trusted(judge_of: JudgeOf) -> None:
    for mode in ("plan", "ask", "edit", "auto"):
        judge = judge_of(trusted=False, mode=mode, allow=("shell(git status *)", "shell(git *)"))
        for line in ("git status", "git log -1", "time git status", "git commit -m x", "env git status"):
            assert judge.shell(line).verdict != "allow", (mode, line)
    assert judge_of(trusted=True).shell("git status").verdict == "allow"


def test_trust_is_looked_up_each_time(judge_of: JudgeOf) -> None:
    answers = [True, False]
    judge = judge_of(trusted=lambda: answers.pop(0))
    assert judge.shell("git status").verdict == "allow"
    assert judge.shell("git status").verdict == "ask"


def test_a_repository_within_the_workspace_is_another_one(judge_of: JudgeOf, workspace: Path) -> None:
    (workspace / "sub" / ".git").mkdir()
    (workspace / "src" / "objects").mkdir()
    (workspace / "src" / "HEAD").write_text("ref: refs/heads/main")
    judge = judge_of()
    for line in ("cd sub && git status", "git -C sub status", "cd src && git log", "git -C src/objects log"):
        judgement = judge.shell(line)
        assert (judgement.verdict, judgement.rememberable) == ("ask", False), line
    assert judge.shell("git status").verdict == "allow"


def test_a_nested_mcp_rule(judge_of: JudgeOf) -> None:
    assert judge_of().tool("mcp__a__b").suggested_rules == ["mcp__a__b"]
    assert judge_of(allow=("mcp__a__b",)).tool("mcp__a__b").verdict == "allow"
    assert judge_of(allow=("mcp__a__*",)).tool("mcp__a__c").verdict == "allow"
    assert judge_of(deny=("mcp__a__*",), mode="auto").tool("mcp__a__c").verdict == "deny"
    assert judge_of(allow=("mcp__a__b",), mode="plan").tool("mcp__a__b").verdict == "deny"


# --- asking -----------------------------------------------------------------------------------


async def test_with_no_one_to_ask_the_answer_is_no(judge_of: JudgeOf, workspace: Path) -> None:
    gate = judge_of().gate
    prepared = call(RunCommand("touch x", str(workspace)))
    answer = await gate.ask(prepared, gate.judge(prepared))
    assert (answer.verdict, answer.by) == ("deny", "no-one-to-ask")


class Asked:
    """Answers as told, and remembers the questions."""

    def __init__(self, *answers: Approval) -> None:
        self.answers = list(answers)
        self.questions: list[Judgement] = []
        self.at_once = 0
        self.most_at_once = 0

    async def __call__(self, prepared: Prepared, judgement: Judgement) -> Approval:
        self.questions.append(judgement)
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        await asyncio.sleep(0.001)
        self.at_once -= 1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


async def asked(judge: Any, line: str) -> Any:
    prepared = call(RunCommand(line, judge.gate.root.folder))
    judgement = judge.gate.judge(prepared)
    assert judgement.verdict == "ask"
    return await judge.gate.ask(prepared, judgement)


async def test_no_is_no_with_a_word_to_the_model(judge_of: JudgeOf) -> None:
    answer = await asked(judge_of(asker=Asked(Approval("deny", word="use make"))), "touch x")
    assert (answer.verdict, answer.by, answer.word) == ("deny", "user", "use make")


async def test_yes_once_is_forgotten(judge_of: JudgeOf) -> None:
    judge = judge_of(asker=Asked(Approval("allow")))
    assert (await asked(judge, "touch x")).verdict == "allow"
    assert judge.shell("touch x").verdict == "ask"


async def test_yes_for_the_thread_counts_from_now_on(judge_of: JudgeOf, tmp_path: Path) -> None:
    store = RememberedRules(tmp_path / "data")
    judge = judge_of(asker=Asked(Approval("allow", "thread")), remembered=store)
    await asked(judge, "npm run dev")
    assert judge.shell("npm run dev --port 1").verdict == "ask"  # an option of npm's, not of the script's
    assert judge.shell("npm run dev -- --port 1").verdict == "allow"
    assert store.of(judge.gate.root.real) == []


async def test_always_is_kept_for_the_folder_as_the_user_edited_it(judge_of: JudgeOf, tmp_path: Path) -> None:
    store = RememberedRules(tmp_path / "data")
    judge = judge_of(asker=Asked(Approval("allow", "always", ["shell(npm run *)"])), remembered=store)
    await asked(judge, "npm run dev")
    assert store.of(judge.gate.root.folder) == ["shell(npm run *)"]
    assert judge.shell("npm run build").verdict == "allow"
    assert store.path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("rule", ["shell", "shell(*)", "shell(bash *)", "shell(npm run", "edit", "shell(python3 *)"])
async def test_a_rule_that_says_too_much_is_not_kept_and_that_is_said(
    judge_of: JudgeOf, tmp_path: Path, rule: str
) -> None:
    store = RememberedRules(tmp_path / "data")
    judge = judge_of(asker=Asked(Approval("allow", "always", [rule])), remembered=store)
    answer = await asked(judge, "npm run dev")
    assert answer.verdict == "allow"
    assert rule in answer.reason
    assert store.of(judge.gate.root.folder) == []
    assert judge.shell("npm run dev").verdict == "ask"


@pytest.mark.parametrize("line", ["bash x.sh", "rm -rf ../x", "echo $HOME", "cat .env"])
async def test_what_is_never_remembered_is_not_remembered_whatever_the_answer(
    judge_of: JudgeOf, tmp_path: Path, line: str
) -> None:
    store = RememberedRules(tmp_path / "data")
    judge = judge_of(asker=Asked(Approval("allow", "always", ["shell(npm run *)"])), remembered=store)
    assert (await asked(judge, line)).verdict == "allow"
    assert store.of(judge.gate.root.folder) == []
    assert judge.shell(line).verdict == "ask"


async def test_questions_come_one_at_a_time_and_an_answer_counts_for_the_next(judge_of: JudgeOf) -> None:
    asker = Asked(Approval("allow", "thread"))
    judge = judge_of(asker=asker)
    answers = await asyncio.gather(*(asked(judge, "npm run dev") for _ in range(5)), asked(judge, "touch x"))
    assert [answer.verdict for answer in answers] == ["allow"] * 6
    assert asker.most_at_once == 1
    assert len(asker.questions) == 2
    assert [answer.by for answer in answers] == ["user", "rule", "rule", "rule", "rule", "user"]


async def test_a_mode_changed_while_others_wait_counts(judge_of: JudgeOf) -> None:
    judge = judge_of(asker=Asked(Approval("allow")))
    prepared = call(RunCommand("touch x", judge.gate.root.folder))
    judgement = judge.gate.judge(prepared)
    judge.gate.mode = "plan"
    assert (await judge.gate.ask(prepared, judgement)).verdict == "deny"


def test_importing_the_gate_brings_nothing_heavy() -> None:
    import subprocess
    import sys

    code = (
        "import sys, plugsky_tui.permissions.gate\n"
        "heavy = {'pydantic', 'tree_sitter', 'httpx', 'textual', 'difflib', 'platformdirs', 'tomllib', 'sqlite3'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(Path(__file__).parents[3]), "PATH": "/usr/bin"},
    )
    assert done.stdout.strip() == "[]"


def test_a_short_command_is_judged_in_a_moment_and_the_worst_in_little_more(judge_of: JudgeOf) -> None:
    from time import process_time

    judge = judge_of()
    judge.shell("ls")

    def seconds(line: str) -> float:
        best = 9.0
        for _ in range(3):
            started = process_time()
            judge.shell(line)
            best = min(best, process_time() - started)
        return best

    assert seconds("cat a | grep x && ls -la") < 0.1
    for line in (
        "$(" * 2000,
        "a|" * 4000,
        "a|" * 240,
        "! " * 4000,
        "ls;" * 2000,
        '"$(' * 2000,
        "<<a " * 2000,
        "x " * 4000,
        "${a:-" * 1500,
    ):
        assert seconds(line) < 1, line[:20]


@pytest.mark.parametrize(
    "line",
    [
        "cat /proc/$PPID/environ",
        "cat $x /etc/passwd",
        "cat /etc/{passwd,shadow}",
        "cat ../$x",
        'tool "$f" --out=/etc/x',
    ],
)
def test_what_is_certain_of_an_unclear_command_is_judged_in_auto_too(judge_of: JudgeOf, line: str) -> None:
    assert judge_of(mode="auto").shell(line).verdict == "ask"


@pytest.mark.parametrize("line", ["cat src/$x", 'grep -n "$pattern" README.md', "wc -l $files"])
def test_an_unclear_command_that_names_nothing_outside_passes_in_auto(judge_of: JudgeOf, line: str) -> None:
    assert judge_of(mode="auto").shell(line).verdict == "allow"
