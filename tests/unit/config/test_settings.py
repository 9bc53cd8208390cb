"""Which value counts, who set it, and what a project may not do."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from plugsky_tui.config.settings import Settings, default_model
from plugsky_tui.kernel.errors import ConfigError

from .conftest import World


def test_with_nothing_set_the_defaults_count(world: World) -> None:
    loaded = world.load()
    assert loaded.settings == Settings()
    assert (loaded.settings.model, loaded.settings.mode, loaded.settings.theme) == (None, "ask", "auto")
    assert loaded.settings.api.base_url == "https://api.plugsky.com/v1"
    assert (loaded.origins, loaded.warnings, loaded.project) == ({}, [], None)
    assert str(loaded.origin("model")) == "default"


def test_without_a_key_the_free_model_answers() -> None:
    assert (default_model(True), default_model(False)) == ("plugsky-pro", "plugsky-micro")


def test_option_before_environment_before_project_before_user(world: World) -> None:
    user = world.user_says('model = "user"')
    assert world.load().settings.model == "user"
    assert str(world.load().origin("model")) == f"{user}:1"
    project = world.project_says('\nmodel = "project"')
    assert world.load().settings.model == "project"
    assert str(world.load().origin("model")) == f"{project}:2"
    world.env["PLUGSKY_MODEL"] = "variable"
    assert world.load().settings.model == "variable"
    assert str(world.load().origin("model")) == "PLUGSKY_MODEL"
    loaded = world.load(model="option", theme=None)
    assert loaded.settings.model == "option"
    assert str(loaded.origin("model")) == "--model"


def test_variables_set_endpoint_project_region_and_certificates(world: World) -> None:
    world.env |= {
        "PLUGSKY_BASE_URL": "http://127.0.0.1:1/v1",
        "PLUGSKY_PROJECT": "p",
        "PLUGSKY_REGION": "eu",
        "SSL_CERT_FILE": "~/ca.pem",
        "PLUGSKY_MODEL": "",
    }
    api = world.load().settings.api
    assert (api.base_url, api.project, api.region) == ("http://127.0.0.1:1/v1", "p", "eu")
    assert api.ca_bundle == os.path.expanduser("~/ca.pem")
    assert world.load().settings.model is None


def test_a_proxy_of_the_environment_comes_before_the_files(world: World) -> None:
    world.user_says('[api]\nproxy = "http://proxy:1"')
    assert world.load().settings.api.proxy == "http://proxy:1"
    world.env["https_proxy"] = "http://other:2"
    assert world.load().settings.api.proxy is None  # the HTTP client reads the variable, and NO_PROXY with it
    assert str(world.load().origin("api.proxy")) == "https_proxy"


def test_a_proxy_for_another_scheme_leaves_that_of_the_files_alone(world: World) -> None:
    world.user_says('[api]\nproxy = "http://proxy:1"')
    world.env["HTTP_PROXY"] = "http://other:2"
    assert world.load().settings.api.proxy == "http://proxy:1"
    world.env["PLUGSKY_BASE_URL"] = "http://far.test/v1"
    assert world.load().settings.api.proxy is None


def test_ssl_cert_file_does_not_push_a_bundle_of_the_files_aside(world: World) -> None:
    world.user_says('[api]\nca_bundle = "/company.pem"')
    world.env["SSL_CERT_FILE"] = "/other.pem"  # the HTTP client reads this one itself, and trusts both
    assert world.load().settings.api.ca_bundle == "/company.pem"
    assert str(world.load().origin("api.ca_bundle")).endswith("config.toml:2")


def test_everything_a_file_can_say_is_understood(world: World) -> None:
    world.user_says(
        """
        model = "local/llama"
        mode = "edit"
        theme = "dark"
        [api]
        max_retries = 2
        timeout_s = 30
        [providers.local]
        kind = "openai-chat"
        base_url = "http://127.0.0.1:11434/v1"
        api_key_env = "LOCAL_KEY"
        headers = { X-A = "b" }
        [permissions]
        allow = ["shell(git status *)"]
        ask = ["shell(git push *)"]
        deny = ["read(.env*)"]
        [mcp.everything]
        command = "npx"
        args = ["-y", "x"]
        [mcp.remote]
        url = "https://example.com/mcp"
        oauth = { client_id = "x" }
        [lsp.python]
        command = ["basedpyright-langserver", "--stdio"]
        files = ["*.py"]
        [[hooks.after_tool]]
        match = "edit|write"
        run = "ruff format {file_path}"
        [keys]
        "model.pick" = "f2"
        """
    )
    for _ in range(2):  # parsed, then from the cache
        loaded = world.load()
        settings = loaded.settings
        assert loaded.warnings == []
        assert (settings.model, settings.mode, settings.theme) == ("local/llama", "edit", "dark")
        assert settings.providers["local"].headers == {"X-A": "b"}
        assert settings.permissions.deny == ["read(.env*)"]
        assert settings.mcp["remote"].oauth == {"client_id": "x"}
        assert settings.lsp["python"].files == ["*.py"]
        assert settings.hooks.after_tool[0].match == "edit|write"
        assert settings.keys == {"model.pick": "f2"}
        assert loaded.origins['keys."model.pick"'].line == 30


# --- a project --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        'api.base_url = "http://evil"',
        '[api]\nbase_url = "http://evil"',
        'api = { ca_bundle = "evil" }',
        '[api]\nproxy = "http://evil"',
        '[providers.local]\nbase_url = "http://evil"\napi_key_env = "PLUGSKY_API_KEY"',
        '[providers.mine]\nbase_url = "http://evil"',
    ],
)
def test_a_project_can_never_say_where_the_key_goes(world: World, text: str) -> None:
    world.user_says('[providers.mine]\nbase_url = "https://mine"\nheaders = { Authorization = "secret" }')
    mine = world.load().settings
    path = world.project_says(text)
    loaded = world.load()
    assert loaded.settings == mine
    assert loaded.effective(trusted=True) == mine
    assert any(warning.startswith(f"{path}:") and "cannot set it" in warning for warning in loaded.warnings)


def test_what_gives_more_freedom_waits_for_trust(world: World) -> None:
    world.user_says('theme = "mine"\n[permissions]\nallow = ["a"]\ndeny = ["b"]\n[[hooks.stop]]\nrun = "mine"')
    world.project_says(
        'mode = "auto"\ntheme = "theirs"\n[permissions]\nallow = ["x"]\nask = ["y"]\ndeny = ["z"]\n'
        '[[hooks.stop]]\nrun = "evil"\n[mcp.s]\ncommand = "evil"\n[keys]\n"a" = "b"\n[api]\nregion = "elsewhere"'
    )
    loaded = world.load()
    assert loaded.settings.mode == "ask"
    assert loaded.settings.permissions.allow == ["a"]
    careful = loaded.effective(trusted=False)
    assert (careful.mode, careful.theme, careful.mcp, careful.keys) == ("ask", "mine", {}, {})
    assert (careful.permissions.allow, careful.permissions.ask, careful.permissions.deny) == (["a"], ["y"], ["b", "z"])
    assert [hook.run for hook in careful.hooks.stop] == ["mine"]
    assert careful.api.region is None
    trusting = loaded.effective(trusted=True)
    assert (trusting.mode, trusting.theme, trusting.keys) == ("auto", "theirs", {"a": "b"})
    assert trusting.permissions.allow == ["a", "x"]
    assert [hook.run for hook in trusting.hooks.stop] == ["mine", "evil"]
    assert loaded.project is not None
    assert (loaded.project.mode, loaded.project.permissions.deny) == ("auto", ["z"])
    waiting = "\n".join(loaded.project.waiting())
    assert 'mode = "auto"' in waiting
    assert "evil" in waiting
    assert "deny" not in waiting


def test_an_option_still_comes_before_a_trusted_project(world: World) -> None:
    world.project_says('mode = "auto"')
    assert world.load(mode="plan").effective(trusted=True).mode == "plan"


def test_a_projects_server_inherits_nothing_from_the_users_of_the_same_name(world: World) -> None:
    world.user_says('[mcp.s]\ncommand = "good"\nenv = { TOKEN = "secret" }')
    world.project_says('[mcp.s]\ncommand = "evil"')
    server = world.load().effective(trusted=True).mcp["s"]
    assert (server.command, server.env) == ("evil", {})


def test_the_users_own_folder_is_no_project(world: World) -> None:
    world.env["PLUGSKY_CONFIG_DIR"] = str(world.project / ".plugsky")
    world.project_says('mode = "auto"\n[api]\nbase_url = "https://mine/v1"')
    loaded = world.load()
    assert (loaded.project, loaded.settings.mode, loaded.settings.api.base_url) == (None, "auto", "https://mine/v1")


def test_a_pipe_in_place_of_a_projects_file_is_an_error_at_once(world: World) -> None:
    (world.project / ".plugsky").mkdir()
    os.mkfifo(world.project / ".plugsky" / "config.toml")
    with pytest.raises(ConfigError, match="not a regular file"):
        world.load()


# --- wrong files ------------------------------------------------------------------------------


def test_an_unknown_key_warns_with_the_nearest_known_name(world: World) -> None:
    path = world.user_says('modle = "x"\n[api]\nbase-url = "y"\n[[hooks.stop]]\nrunn = "z"\nrun = "z"\n[zzz]\na = 1')
    for _ in range(2):
        assert world.load().warnings == [
            f"{path}:1: unknown key modle (did you mean model?)",
            f"{path}:3: unknown key api.base-url (did you mean base_url?)",
            f"{path}:5: unknown key hooks.stop[0].runn (did you mean run?)",
            f"{path}:7: unknown key zzz",
        ]


@pytest.mark.parametrize(
    ("text", "line", "key"),
    [
        ("model = 5", 1, "model"),
        ('\nmode = "yolo"', 2, "mode"),
        ('[api]\nmax_retries = "3"', 2, "api.max_retries"),
        ("[api]\nmax_retries = true", 2, "api.max_retries"),
        ("[api]\nmax_retries = -1", 2, "api.max_retries"),
        ("[api]\ntimeout_s = nan", 2, "api.timeout_s"),
        ("[api]\ntimeout_s = 0", 2, "api.timeout_s"),
        ("theme = 2024-01-01", 1, "theme"),
        ("api = 3", 1, "api"),
        ('[permissions]\n\nallow = "x"', 3, "permissions.allow"),
        ('[permissions]\nallow = [\n"x",\n5]', 2, "permissions.allow[1]"),
        ('[providers.x]\nkind = "openai-chat"', 1, "providers.x.base_url"),
        ('[providers.x]\nbase_url = "y"', 2, "providers.x.base_url"),
        ('[providers."a/b"]\nbase_url = "https://y"', 1, 'providers."a/b"'),
        ('[api]\nbase_url = "https://api.plugsky.com@evil.com"', 2, "api.base_url"),
        ('[api]\nbase_url = "file:///etc/passwd"', 2, "api.base_url"),
        ('[api]\nbase_url = "https://a\\\\@b"', 2, "api.base_url"),
        ('[api]\nbase_url = "https://x:port/"', 2, "api.base_url"),
        ('[api]\nbase_url = "https:///v1"', 2, "api.base_url"),
        ('[api]\nbase_url = ""', 2, "api.base_url"),
        ('[api]\nbase_url = "https://x/v1?api-version=1"', 2, "api.base_url"),
        ('[providers.x]\nbase_url = "https://x/v1#chat"', 2, "providers.x.base_url"),
        ('[api]\nregion = "eu\\nX-Evil: 1"', 2, "api.region"),
        ('[api]\nproject = "prj_ü"', 2, "api.project"),
        ('[mcp.x]\nargs = ["a"]', 1, "mcp.x"),
        ("[lsp.x]\ncommand = []", 2, "lsp.x.command"),
        ('[checks]\n"*.py" = " "', 2, 'checks."*.py"'),
        ('[checks]\n"*.js" = "a"\n"*.py" = []', 3, 'checks."*.py"'),
        ('[checks]\n"*.py" = ["a", ""]', 2, 'checks."*.py"'),
        ('[checks]\n"" = "a"', 2, 'checks.""'),
        ('[[hooks.stop]]\nmatch = "x"', 1, "hooks.stop[0].run"),
    ],
)
def test_a_wrong_value_names_file_line_and_key(world: World, text: str, line: int, key: str) -> None:
    path = world.user_says(text)
    with pytest.raises(ConfigError) as caught:
        world.load()
    assert caught.value.message.startswith(f"{path}:{line}: {key} ")
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("text", "place"),
    [("model = ", "1:9"), ('a = 1\nmodel = "x', "2:11"), ("[api]\n[api]", "2:5"), ('model = """\n\n', "1:12")],
)
def test_a_syntax_error_names_line_and_column(world: World, text: str, place: str) -> None:
    path = world.user_says(text)
    with pytest.raises(ConfigError) as caught:
        world.load()
    assert caught.value.message.startswith(f"{path}:{place}: ")


def test_no_message_holds_a_value_that_may_be_a_secret(world: World) -> None:
    world.user_says('[providers.x]\nbase_url = "https://y"\nheaders = { Authorization = ["s3cret"] }')
    with pytest.raises(ConfigError) as caught:
        world.load()
    assert "s3cret" not in caught.value.message


def test_bytes_that_are_no_utf8_are_named_with_their_line(world: World) -> None:
    path = world.user_says("")
    path.write_bytes(b'model = "x"\ntheme = "\xff"\n')
    with pytest.raises(ConfigError, match=":2: not valid UTF-8"):
        world.load()


def test_a_wrong_variable_is_named(world: World) -> None:
    world.env["PLUGSKY_BASE_URL"] = "api.plugsky.com"
    with pytest.raises(ConfigError, match="PLUGSKY_BASE_URL: must begin with https:// or http://"):
        world.load()


@pytest.mark.parametrize(
    ("url", "warned"),
    [
        ("http://example.com/v1", True),
        ("http://localhost.evil.com", True),
        ("http://127.0.0.1:9/v1", False),
        ("http://[::1]:9/v1", False),
        ("https://example.com", False),
    ],
)
def test_a_key_sent_in_the_clear_is_warned_of(world: World, url: str, warned: bool) -> None:
    world.env["PLUGSKY_BASE_URL"] = url
    assert bool(world.load().warnings) == warned


# --- the cost ---------------------------------------------------------------------------------


def imported_by_loading(world: World) -> set[str]:
    code = (
        "import sys, pathlib; from plugsky_tui.config.settings import load;"
        f"load(pathlib.Path({str(world.project)!r}));"
        "print([m for m in ('pydantic', 'tomllib', 'platformdirs', 'tomlkit', 'difflib') if m in sys.modules])"
    )
    env = {**os.environ, **world.env}
    out = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True).stdout
    return set(json.loads(out.replace("'", '"')))


def test_without_files_and_with_known_files_nothing_heavy_is_imported(world: World) -> None:
    assert imported_by_loading(world) == set()
    world.user_says('model = "x"')
    world.project_says('mode = "plan"')
    assert {"pydantic", "tomllib"} <= imported_by_loading(world)
    assert imported_by_loading(world) == set()


@pytest.mark.parametrize("garbage", ["", "null", "[]", "{", '{"layout": 1}', "\0" * 100])
def test_a_damaged_cache_is_not_used(world: World, garbage: str) -> None:
    world.user_says('model = "x"')
    world.load()
    (entry,) = (world.root / "cache" / "config").iterdir()
    assert entry.stat().st_mode & 0o777 == 0o600
    entry.write_text(garbage)
    assert world.load().settings.model == "x"


def test_a_changed_file_is_read_again(world: World) -> None:
    path = world.user_says('model = "x"')
    world.load()
    before = path.stat()
    path.write_text('model = "y"')
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert world.load().settings.model == "y"


# --- checks ------------------------------------------------------------------------------------


def test_checks_keep_their_order_and_a_project_s_come_after_the_user_s_once_it_is_trusted(world: World) -> None:
    world.user_says('[checks]\n"*.rs" = "cargo check"\n"*.py" = ["ruff check {files}", "pytest -q"]')
    world.project_says('[checks]\n"*.py" = "make lint"\n"*.c" = "make"')
    for _ in range(2):  # parsed, then from the cache
        loaded = world.load()
        mine = {"*.rs": "cargo check", "*.py": ["ruff check {files}", "pytest -q"]}
        assert loaded.effective(trusted=False).checks == mine == loaded.settings.checks
        assert list(loaded.effective(trusted=True).checks.items()) == [
            ("*.rs", "cargo check"),
            ("*.py", "make lint"),
            ("*.c", "make"),
        ]
        assert loaded.project is not None
        assert loaded.project.waiting() == ['checks."*.py" = "make lint"', 'checks."*.c" = "make"']


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("ruff check {file}", "{file}"),
        ("ruff check {Files}", "{Files}"),
        ("ruff check {file_path}", "{file_path}"),
        ("ruff check {files}", ""),
        ("echo ${file} {a,b} {} {x} x{1..3}", ""),
    ],
)
def test_what_is_likely_meant_to_be_the_files_is_warned_of(world: World, command: str, said: str) -> None:
    path = world.user_says(f'model = "m"\n[checks]\n"*.py" = ["true", "{command}"]')
    warning = f'{path}:3: checks."*.py" holds {said}, which stands for nothing: the changed files are {{files}}'
    assert world.load().warnings == ([warning] if said else [])


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("5", 'checks."*.py" must be a valid string or a valid array'),
        ('["a", 5]', 'checks."*.py"[1] must be a valid string'),
        ('{ sh = "a" }', 'checks."*.py" must be a valid string or a valid array'),
    ],
)
def test_a_check_of_the_wrong_type_is_one_problem(world: World, value: str, said: str) -> None:
    path = world.user_says(f'[checks]\n"*.py" = {value}')
    with pytest.raises(ConfigError) as caught:
        world.load()
    assert caught.value.message == f"{path}:2: {said}"
