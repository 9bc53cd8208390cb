"""Every setting, as plain data. What each means stands beside it, and is what `config schema` prints."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from plugsky_tui.kernel.parameters import Parameters

Mode = Literal["plan", "ask", "edit", "auto"]
Notify = Literal["auto", "bell", "off"]
Bidi = Literal["auto", "app", "terminal", "off"]
ProviderKind = Literal["openai-chat", "anthropic-messages", "plutos"]

DEFAULT_MODEL = "plugsky-pro"
FREE_MODEL = "plugsky-micro"  # answers without a key
DEFAULT_BASE_URL = "https://api.plugsky.com/v1"


def default_model(has_key: bool) -> str:
    """The model where nobody chose one."""
    return DEFAULT_MODEL if has_key else FREE_MODEL


@dataclass(slots=True)
class ApiSettings:
    base_url: Annotated[str, "The endpoint of the Plugsky API."] = DEFAULT_BASE_URL
    project: Annotated[str | None, "The project that requests are billed to."] = None
    region: Annotated[str | None, "Where requests are to be processed."] = None
    ca_bundle: Annotated[
        str | None, "A file of certificate authorities to trust besides the system's and those of SSL_CERT_FILE."
    ] = None
    proxy: Annotated[
        str | None,
        "The URL of a proxy for all requests to base_url, unless NO_PROXY lists its host. HTTPS_PROXY, HTTP_PROXY and "
        "ALL_PROXY come before it.",
    ] = None
    max_retries: Annotated[int, "How often a failed request is sent again."] = 4
    timeout_s: Annotated[float, "Seconds without a byte after which an answer counts as broken off."] = 300.0
    rpm: Annotated[
        int | None,
        "Requests in any minute; further ones wait. Left out: as many as the server's answers allow. 0: all.",
    ] = None
    concurrency: Annotated[int | None, "Requests at the same time; further ones wait. Left out: any number."] = None


@dataclass(slots=True)
class ProviderSettings:
    """An endpoint beside the Plugsky API; its models are then called "NAME/MODEL"."""

    base_url: Annotated[str, "The endpoint."]
    kind: Annotated[ProviderKind, "The wire format it speaks."] = "openai-chat"
    api_key_env: Annotated[str | None, "The variable that holds its key; none: no key is sent."] = None
    headers: Annotated[dict[str, str], "Further headers of every request."] = field(default_factory=dict)
    rpm: Annotated[int | None, "As in [api]: requests in any minute."] = None
    concurrency: Annotated[int | None, "As in [api]: requests at the same time."] = None


@dataclass(slots=True)
class ModelSettings(Parameters):
    """How one model is asked, before what [parameters] says; and what no list says of it."""

    context_window: Annotated[int | None, "How many tokens it takes in and gives out together."] = None
    capabilities: Annotated[list[str], 'What it can do, such as "vision" or "tools".'] = field(default_factory=list)


@dataclass(slots=True)
class PermissionSettings:
    """Rules such as "shell(git status *)" or "edit(src/**)"; deny goes before ask, ask before allow."""

    allow: Annotated[list[str], "What may run without asking."] = field(default_factory=list)
    ask: Annotated[list[str], "What is always asked about."] = field(default_factory=list)
    deny: Annotated[list[str], "What is always refused."] = field(default_factory=list)


@dataclass(slots=True)
class McpServer:
    """A Model Context Protocol server: a command to start, or a URL."""

    command: Annotated[str | None, "The program to start."] = None
    args: Annotated[list[str], "Its arguments."] = field(default_factory=list)
    env: Annotated[dict[str, str], "Its further environment variables."] = field(default_factory=dict)
    url: Annotated[str | None, "The URL of a server that runs already."] = None
    headers: Annotated[dict[str, str], "Further headers for it."] = field(default_factory=dict)
    oauth: Annotated[bool | dict[str, str], "Whether, or how, to log in to it."] = False


@dataclass(slots=True)
class LanguageServer:
    command: Annotated[list[str], "The program and its arguments."]
    files: Annotated[list[str], "Patterns of the files it knows about."] = field(default_factory=list)


@dataclass(slots=True)
class EditSettings:
    """What happens after an edit."""

    diagnostics: Annotated[bool, "Whether a language server checks a file after each edit of it."] = True


@dataclass(slots=True)
class ComposerSettings:
    """Where prompts are written."""

    vim: Annotated[bool, "Whether it has the keys of vi; it begins in insert mode."] = False


@dataclass(slots=True)
class IndexSettings:
    """What `plugsky index` and the tool semantic_search use."""

    model: Annotated[str, 'The embedding model; "NAME/MODEL" for one of [providers.NAME].'] = "plugsky-embed"


@dataclass(slots=True)
class Hook:
    run: Annotated[str, "A command of the shell; {file_path} and the like are filled in."]
    match: Annotated[str, "A regular expression the whole tool name must match; empty: any."] = ""


@dataclass(slots=True)
class HookSettings:
    session_start: list[Hook] = field(default_factory=list)
    before_prompt: list[Hook] = field(default_factory=list)
    before_tool: list[Hook] = field(default_factory=list)
    after_tool: list[Hook] = field(default_factory=list)
    stop: list[Hook] = field(default_factory=list)


@dataclass(slots=True)
class Settings:
    """`model` is None where nobody chose one: see `default_model`."""

    model: Annotated[str | None, "The model; plugsky-pro, without a key plugsky-micro."] = None
    mode: Annotated[
        Mode, "plan reads only; ask asks before edits and commands; edit lets edits through; auto nearly all."
    ] = "ask"
    theme: Annotated[str, "The name of a theme, or auto."] = "auto"
    bidi: Annotated[
        Bidi,
        "Who puts text from right to left in order on the screen: plugsky (app), the terminal, nobody (off); auto knows "
        "which terminals do it themselves.",
    ] = "auto"
    notify: Annotated[
        Notify,
        "How the UI calls you when it waits for you, or is done, and its terminal has not the focus: auto is a bell and, "
        "where the terminal passes one on, a notification.",
    ] = "auto"
    api: ApiSettings = field(default_factory=ApiSettings)
    providers: dict[str, ProviderSettings] = field(default_factory=dict)
    parameters: Parameters = field(default_factory=Parameters)
    models: dict[str, ModelSettings] = field(default_factory=dict)
    permissions: PermissionSettings = field(default_factory=PermissionSettings)
    mcp: dict[str, McpServer] = field(default_factory=dict)
    lsp: dict[str, LanguageServer] = field(default_factory=dict)
    edits: EditSettings = field(default_factory=EditSettings)
    checks: Annotated[
        dict[str, str | list[str]],
        'Glob of files to the commands that check them after the agent\'s edits, such as "*.py" = "ruff check {files}".',
    ] = field(default_factory=dict)
    index: IndexSettings = field(default_factory=IndexSettings)
    composer: ComposerSettings = field(default_factory=ComposerSettings)
    hooks: HookSettings = field(default_factory=HookSettings)
    keys: Annotated[dict[str, str], 'Action to key, such as "model.pick" = "f2".'] = field(default_factory=dict)


def build(values: dict[str, Any]) -> Settings:
    """Settings from plain data that has been checked before: no validation, and nothing to import."""
    plain = {
        name: value for name, value in values.items() if name in ("model", "mode", "theme", "notify", "bidi", "keys")
    }
    return Settings(
        **plain,
        api=ApiSettings(**values.get("api", {})),
        providers={name: ProviderSettings(**entry) for name, entry in values.get("providers", {}).items()},
        parameters=Parameters(**values.get("parameters", {})),
        models={name: ModelSettings(**entry) for name, entry in values.get("models", {}).items()},
        permissions=PermissionSettings(**values.get("permissions", {})),
        mcp={name: McpServer(**entry) for name, entry in values.get("mcp", {}).items()},
        lsp={name: LanguageServer(**entry) for name, entry in values.get("lsp", {}).items()},
        edits=EditSettings(**values.get("edits", {})),
        checks=dict(values.get("checks", {})),
        index=IndexSettings(**values.get("index", {})),
        composer=ComposerSettings(**values.get("composer", {})),
        hooks=HookSettings(
            **{event: [Hook(**hook) for hook in hooks] for event, hooks in values.get("hooks", {}).items()}
        ),
    )
