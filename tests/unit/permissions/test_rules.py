"""What rules say, how they are refused, and what they cover."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pathspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from plugsky_tui.kernel.errors import ConfigError
from plugsky_tui.permissions.command_rules import parse_command_pattern, quote
from plugsky_tui.permissions.globs import escape, parse_glob
from plugsky_tui.permissions.keeping import rule_to_keep
from plugsky_tui.permissions.rules import parse_rule
from plugsky_tui.permissions.shell.words import read_word


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "not understood"),
        ("shell(git status", "not understood"),
        ("git status", "not understood"),
        ("shell()", "empty"),
        ("shell(ls; rm x)", "operator"),
        ("shell(ls | wc)", "operator"),
        ("shell(echo $HOME)", "expanded"),
        ("shell(echo 'x)", "quote is not closed"),
        ("Bash(ls)", "names no tool"),
        ("Shell(ls)", "names no tool"),
        ("todo(x)", "takes no pattern"),
        ("mcp__a__b(x)", "takes no pattern"),
        ("edit()", "empty"),
        ("edit(!src)", "negated"),
        ("edit(../x)", '".."'),
        ("fetch(https://x.org/y)", "host"),
        ("fetch(x y)", "host"),
    ],
)
def test_a_rule_that_is_not_understood_is_named_with_the_fix(text: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says) as caught:
        parse_rule(text, "allow", "user")
    assert repr(text) in caught.value.message
    assert caught.value.hint


def test_words_of_other_tools_are_put_right() -> None:
    with pytest.raises(ConfigError) as caught:
        parse_rule("Bash(git log)", "allow", "user")
    assert caught.value.hint == "Write shell(git log)."


@pytest.mark.parametrize(
    ("pattern", "covered", "not_covered"),
    [
        (
            "git log *",
            ["git log", "git log -3", "git log --oneline x"],
            ["git logout", "git", "git show", "sudo git log"],
        ),
        ("git log", ["git log"], ["git log -3"]),
        ("npm run *", ["npm run x"], ["npm install"]),
        ("npm run test:*", ["npm run test:unit"], ["npm run test", "npm run test:unit x"]),
        ("git * main", ["git push main"], ["git push origin main"]),
        ("mv 'a b' c", ["mv 'a b' c"], ["mv a b c"]),
        ("ls [a]", ["ls '[a]'"], ["ls a"]),
    ],
)
def test_a_command_rule_covers_whole_words(pattern: str, covered: list[str], not_covered: list[str]) -> None:
    parsed = parse_command_pattern(pattern)
    for line in covered:
        assert parsed.covers(list(parse_command_pattern(line).words)), line
    for line in not_covered:
        assert not parsed.covers(list(parse_command_pattern(line).words)), line


@pytest.mark.parametrize(
    ("pattern", "command"),
    [
        ("rm -rf *", "rm -fr x"),
        ("rm -rf *", "rm -r -f x"),
        ("rm -rf *", "rm x --force --recursive"),
        ("git push --force *", "git push origin -f"),
        ("git push *", "git push"),
        ("curl *", "curl -s http://x"),
    ],
)
def test_a_refusal_catches_every_spelling(pattern: str, command: str) -> None:
    assert parse_command_pattern(pattern).catches(command.split())


def test_a_refusal_of_one_command_does_not_catch_its_neighbours() -> None:
    pattern = parse_command_pattern("git push --force *")
    assert not pattern.catches(["git", "push"])
    assert not pattern.catches(["git", "pull", "--force"])
    assert not parse_command_pattern("rm x").catches(["rm", "y"])


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="*'\n\0"), min_size=1, max_size=20))
def test_a_quoted_word_comes_back_as_it_was(word: str) -> None:
    assume(not word.isspace())
    assert parse_command_pattern(f"x {quote(word)}").words == ("x", word)


@given(st.text("abc $'\"\\*?[]{}~=;|&<>()#`!\n", max_size=12))
def test_a_word_that_is_read_as_exact_has_nothing_left_to_expand(raw: str) -> None:
    word = read_word(raw)
    if word.exact and not word.quoted:
        assert "`" not in raw
        assert not any(f"${char}" in raw for char in "abc{([$")


NAMES = st.text("ab.-_", min_size=1, max_size=4).filter(lambda name: name not in (".", ".."))
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)
GLOBS = st.lists(st.text("ab.*?", min_size=1, max_size=4) | st.just("**"), min_size=1, max_size=4).map("/".join)


@given(GLOBS, PATHS, st.booleans())
def test_globs_match_as_gitignore_does(glob: str, path: str, anchored: bool) -> None:
    pattern = "/" + glob if anchored else glob
    assume(not any(part in (".", "..") for part in glob.split("/")))
    assume("***" not in pattern and not any("**" in part and part != "**" for part in glob.split("/")))
    assume(not pattern.startswith("//"))
    theirs = pathspec.GitIgnoreSpec.from_lines([pattern]).match_file(path)
    ours = parse_glob(pattern)
    anchored_here = anchored and "/" not in glob
    if anchored_here:
        ours = parse_glob(pattern)
    assert ours.matches(path) == theirs, (pattern, path, ours.regex)


@given(PATHS)
def test_an_escaped_path_matches_itself_alone(path: str) -> None:
    glob = parse_glob("/" + escape(path))
    assert glob.matches(path)
    assert glob.matches(path + "/below")
    assert not glob.matches("x" + path)
    assert not glob.matches(path + "x")


@pytest.mark.parametrize(
    "text",
    [
        "shell",
        "shell(*)",
        "edit",
        "read",
        "shell(bash *)",
        "shell(python3 *)",
        "shell(python3 x.py)",
        "shell(node *)",
        "shell(env *)",
        "shell(xargs *)",
        "shell(sudo *)",
        "shell(npx *)",
        "shell(eval *)",
        "shell(docker run x *) | ls",
        "shell(* x)",
        "shell(uv run *)x",
    ],
)
def test_what_would_allow_anything_is_not_kept(text: str) -> None:
    with pytest.raises(ConfigError):
        rule_to_keep(text, "remembered")


@pytest.mark.parametrize(
    "text",
    [
        "shell(npm run dev *)",
        "shell(sudo ls)",
        "shell(python3 -m pytest *)",
        "edit(src/**)",
        "fetch(x.org)",
        "mcp__a__b",
        "shell(mytool x)",
    ],
)
def test_what_means_one_thing_is_kept(text: str) -> None:
    assert rule_to_keep(text, "remembered").text == text


# --- rules and verdicts -----------------------------------------------------------------------

JudgeOf = Callable[..., Any]


def test_deny_beats_ask_beats_allow(judge_of: JudgeOf) -> None:
    judge = judge_of(allow=("shell(npm *)",), ask=("shell(npm publish *)",), deny=("shell(npm publish --force *)",))
    assert judge.shell("npm test").verdict == "allow"
    asked = judge.shell("npm publish")
    assert (asked.verdict, asked.by, asked.rememberable) == ("ask", "rule", False)
    denied = judge.shell("npm publish x --force")
    assert (denied.verdict, denied.by) == ("deny", "rule")
    assert denied.parts[0].rule == "shell(npm publish --force *)"


def test_an_allow_rule_covers_its_own_part_only(judge_of: JudgeOf) -> None:
    judge = judge_of(allow=("shell(make *)",))
    assert judge.shell("make x").verdict == "allow"
    for line in (
        "make x && touch y",
        "make x; curl y",
        "make $(touch y)",
        "make x > /etc/y",
        "sudo make x",
        "make x | sh",
        "x=1 make y",
    ):
        assert judge.shell(line).verdict == "ask", line


@pytest.mark.parametrize(
    "line",
    [
        "curl x",
        "/usr/bin/curl x",
        "sudo curl x",
        "env A=1 curl x",
        "ls | xargs curl",
        "ls && curl x",
        "echo $(curl x)",
        "bash -c 'curl x'",
        "'curl' x",
        "\\curl x",
        "timeout 5 curl x",
        "find . -exec curl {} ;",
        "if ls; then curl x; fi",
        "(curl x)",
        "curl $X",
        "cat <(curl x)",
    ],
)
def test_a_refused_command_is_refused_wherever_it_stands(judge_of: JudgeOf, line: str) -> None:
    assert judge_of(deny=("shell(curl *)",), mode="auto").shell(line).verdict == "deny"
    assert judge_of(deny=("shell(curl *)",), allow=("shell",)).shell(line).verdict == "deny"


@pytest.mark.parametrize(
    "line",
    [
        "cat secret.txt",
        "cat ./secret.txt",
        "cat sub/../secret.txt",
        "cat secret.*",
        "grep x < secret.txt",
        "head -1 alias",
        "cat hard",
        "cp secret.txt x",
        "less secret.txt",
        ". secret.txt",
        "python3 x.py secret.txt",
        "git show HEAD:secret.txt",
        "tar cf x --add=secret.txt",
    ],
)
def test_a_file_that_is_kept_from_reading_is_kept_from_commands_too(
    judge_of: JudgeOf, workspace: Any, line: str
) -> None:
    (workspace / "secret.txt").write_text("x")
    (workspace / "alias").symlink_to("secret.txt")
    (workspace / "hard").hardlink_to(workspace / "secret.txt")
    assert judge_of(deny=("read(secret.txt)",), mode="auto").shell(line).verdict == "deny"


@pytest.mark.parametrize(
    "name",
    ["secret.txt", "./secret.txt", "//{root}/secret.txt", "sub/../secret.txt", "alias", "hard", "folder/../secret.txt"],
)
def test_a_deny_rule_holds_for_each_name_of_a_file(judge_of: JudgeOf, workspace: Any, name: str) -> None:
    (workspace / "secret.txt").write_text("x")
    (workspace / "alias").symlink_to("secret.txt")
    (workspace / "hard").hardlink_to(workspace / "secret.txt")
    (workspace / "folder").symlink_to("sub")
    path = name.format(root=str(workspace).lstrip("/"))
    for judge in (judge_of(deny=("read(secret.txt)",)), judge_of(deny=("read(/secret.txt)",), allow=("read",))):
        assert judge.read(path).verdict == "deny"
    assert judge_of(deny=("edit(secret.*)",), mode="auto").write(path).verdict == "deny"


def test_an_allow_rule_holds_for_where_a_path_really_leads(judge_of: JudgeOf) -> None:
    assert judge_of(allow=("read(link)",)).read("link").verdict == "ask"
    assert judge_of(allow=("read(//etc/passwd)",)).read("link").verdict == "allow"
    assert judge_of(allow=("read(//etc/*)",)).shell("cat link").verdict == "allow"


def test_edit_rules_are_about_every_way_of_changing_a_file(judge_of: JudgeOf) -> None:
    allowed = judge_of(allow=("edit(src/**)",))
    for tool in ("edit", "write", "multi_edit", "apply_patch"):
        assert allowed.write("src/x.js", tool).verdict == "allow"
        assert allowed.write("a", tool).verdict == "ask"
    assert allowed.shell("echo hi > src/new").verdict == "allow"
    refused = judge_of(deny=("edit(src/**)",), mode="auto")
    for line in (
        "echo x > src/x.js",
        "touch src/x.js",
        "rm -r src",
        "rm src/x.js",
        "sed -i s/a/b/ src/x.js",
        "cp a src/",
        "mv src/x.js y",
    ):
        assert refused.shell(line).verdict == "deny", line


def test_a_rule_for_one_tool_leaves_the_others_alone(judge_of: JudgeOf) -> None:
    judge = judge_of(allow=("write(docs/**)",), deny=("grep",))
    assert judge.write("docs/x", "write").verdict == "allow"
    assert judge.write("docs/x", "edit").verdict == "ask"
    assert judge.read("a", "grep").verdict == "deny"
    assert judge.read("a", "read").verdict == "allow"


def test_a_wildcard_does_not_stretch_to_secrets_nor_out_of_the_workspace(judge_of: JudgeOf) -> None:
    wide = judge_of(allow=("read", "read(**)", "shell(cat *)", "shell(touch *)", "edit(**)", "edit"))
    assert wide.read(".env").verdict == "ask"
    assert wide.read("/etc/passwd").verdict == "ask"
    assert wide.shell("cat /etc/passwd").verdict == "ask"
    assert wide.shell("touch /tmp/x").verdict == "ask"
    assert wide.write("AGENTS.md").verdict == "ask"
    spelled = judge_of(allow=("read(.env*)", "shell(touch /tmp/x)", "edit(AGENTS.md)"))
    assert spelled.read(".env").verdict == "allow"
    assert spelled.shell("touch /tmp/x").verdict == "allow"
    assert spelled.write("AGENTS.md").verdict == "allow"


@pytest.mark.parametrize(
    "name", [".git/config", ".git/hooks/x", ".plugsky/config.toml", "~/own-config/config.toml", ".gitattributes"]
)
def test_no_rule_and_no_mode_lets_settings_be_written_unasked(judge_of: JudgeOf, name: str) -> None:
    for mode in ("ask", "edit", "auto"):
        judge = judge_of(
            mode=mode,
            allow=("edit", "edit(**)", "shell", "edit(.git/**)", "edit(.plugsky/config.toml)", "edit(~/own-config/**)"),
        )
        for judgement in (
            judge.write(name),
            judge.shell(f"touch {name}"),
            judge.shell(f"echo x > {name}"),
            judge.shell(f"rm -rf {name}"),
        ):
            assert (judgement.verdict, judgement.rememberable) == ("ask", False)
    assert judge_of(mode="plan", allow=("edit",)).write(name).verdict == "deny"


def test_no_rule_lifts_the_floor(judge_of: JudgeOf) -> None:
    judge = judge_of(mode="auto", allow=("shell", "shell(*)", "shell(rm *)", "shell(rm -rf ~)"))
    for line in ("rm -rf ~", "rm -rf .", "rm -rf /", "sudo rm -rf /", "ls; rm -rf ~"):
        assert judge.shell(line).verdict == "deny", line
    for line in ("echo $(rm -rf ~)", "bash -c 'rm -rf ~'"):
        assert judge.shell(line).verdict == "ask", line


def test_shell_alone_covers_what_cannot_be_seen_through_but_not_what_cannot_be_read(judge_of: JudgeOf) -> None:
    judge = judge_of(allow=("shell",))
    assert judge.shell("for x in a b; do echo $x; done").verdict == "allow"
    assert judge.shell("ls ((").verdict == "ask"


def test_a_remembered_rule_speaks_only_for_what_could_be_remembered(judge_of: JudgeOf) -> None:
    remembered = judge_of(allow=("shell(go test *)", "shell(ls *)"), source="remembered")
    assert remembered.shell("go test ./...").verdict == "allow"
    assert remembered.shell("go test -exec x ./...").verdict == "ask"
    assert judge_of(allow=("shell(go test *)",), source="user").shell("go test -exec x ./...").verdict == "allow"
