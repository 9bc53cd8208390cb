"""Which server answers for which model: the Plugsky API, or one of `[providers.NAME]` for "NAME/MODEL"."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING

from plugsky_tui.config.credentials import keys_in_use
from plugsky_tui.config.paths import cache_dir
from plugsky_tui.config.settings import ApiSettings, ProviderSettings, Settings
from plugsky_tui.kernel.errors import ConfigError
from plugsky_tui.kernel.events import Notice, Retry
from plugsky_tui.kernel.ports import Request, StreamItem
from plugsky_tui.session.models import ModelList, Models, Source
from plugsky_tui.session.parameters import parameters_of
from plugsky_tui.session.response_format import shaped
from plugsky_tui.session.secrets import DiscreetStream
from plugsky_tui.session.sight import has_images, without_images

if TYPE_CHECKING:
    from plugsky_tui.providers.client import Client
    from plugsky_tui.providers.embeddings import Embeddings
    from plugsky_tui.providers.endpoint import Endpoint
    from plugsky_tui.providers.format import Transport
    from plugsky_tui.providers.pacer import Rate
    from plugsky_tui.providers.pacers import Pacers


class Endpoints:
    """A Provider that hands each request to the endpoint its model names. Clients are made at first use."""

    def __init__(
        self,
        settings: Settings,
        find_key: Callable[[], str | None],
        env: Mapping[str, str] = os.environ,
        *,
        gather_s: float = 0.0,
        connect: Callable[[Endpoint], Transport] | None = None,
        waits: bool = True,
        pacers: Pacers | None = None,
    ) -> None:
        """`gather_s` and `waits`: see `Endpoint`; `connect` and `pacers`: see `Client`."""
        self._settings = settings
        self._find_key = find_key
        self._env = env
        self._gather_s = gather_s
        self._pacers = pacers
        self._connect = connect
        self._waits = waits
        self._clients: dict[str, Client] = {}
        self._blind: set[str] = set()  # models that images were kept from, which is told once
        self._models = Models(self._sources, cache_dir(env), settings.models)

    async def stream(self, request: Request) -> AsyncGenerator[StreamItem, None]:
        name, model = self._split(request.model)
        messages = request.messages
        if has_images(messages) and self.sees(request.model) is False:
            messages, left_out = without_images(messages)
            if request.model not in self._blind:
                self._blind.add(request.model)
                text = f"{request.model} cannot see: {left_out} image(s) of this thread are not sent to it."
                yield Notice("images_left_out", text)
        parameters = parameters_of(request, self._settings)
        wanted = Request(model, request.system, messages, request.tools, parameters, request.opening)
        discreet = DiscreetStream(self.keys())
        client = self._client(name)
        shaping = parameters.response_format is not None
        while True:
            taken = client.takes(model, "response_format")
            async with aclosing(client.stream(shaped(wanted, taken=taken))) as items:
                async for item in items:
                    for clean in discreet.feed(item):
                        yield clean
                    if shaping and type(item) is Notice and taken != client.takes(model, "response_format"):
                        break  # the server has just refused it: the same is asked for in words
                else:
                    return

    def embeddings(
        self,
        model: str,
        *,
        told: Callable[[Notice | Retry], None] = lambda word: None,
        dimensions: int | None = None,
    ) -> Embeddings:
        """What makes vectors with `model`; see there for the rest. ConfigError where its endpoint has no embeddings."""
        from plugsky_tui.providers.embeddings import Embeddings  # for those who search by meaning

        name, rest = self._split(model)
        return Embeddings(self._client(name), rest, told=told, dimensions=dimensions)

    def address(self, model: str) -> str:
        """The base_url of what answers for `model`."""
        name = self._split(model)[0]
        return self._settings.providers[name].base_url if name else self._settings.api.base_url

    async def models(self, refresh: bool) -> ModelList:
        """The models on offer; with `refresh` every endpoint is asked. ProviderError where none answers."""
        return await self._models.refreshed() if refresh else self._models.known()

    def known_models(self) -> ModelList:
        """The models on offer, without asking anyone."""
        return self._models.known()

    def keys(self) -> list[str]:
        """The keys in use now, of every endpoint."""
        try:
            key = self._find_key()
        except ConfigError:
            key = None
        return keys_in_use(self._settings, key, self._env)

    def sees(self, model: str) -> bool | None:
        """Whether `model` takes images; None where that is not known."""
        info = self._models.describe(model)
        return info.sees if info else None

    def rate(self, model: str) -> Rate | None:
        """The requests of the last minute against the limit of the account that `model` is asked with; None before
        the first of them."""
        client = self._clients.get(self._split(model)[0])
        return client.rate() if client is not None else None

    def region(self, model: str) -> str | None:
        """Where requests to `model` are to be processed, as configured; None where nothing is."""
        return None if self._split(model)[0] else self._settings.api.region

    async def close(self) -> None:
        clients, self._clients = self._clients, {}
        for client in clients.values():
            await client.aclose()
        if self._pacers is not None:
            self._pacers.save()

    def check(self, model: str) -> None:
        """ConfigError where `model` names an endpoint that cannot be used."""
        self._client(self._split(model)[0])

    def _sources(self) -> dict[str, Source]:
        """Where lists of models come from. Without a key Plugsky lists less, so that list is another one."""
        api = self._settings.api
        try:
            keyed = "with a key" if self._find_key() else "without a key"
        except ConfigError:
            keyed = "with a key"  # one that cannot be used: the request says why
        sources = {"": Source(f"{api.base_url} {api.project} {keyed}", partial(self._client, ""))}
        for name, other in self._settings.providers.items():
            sources[name] = Source(f"{other.kind} {other.base_url}", partial(self._client, name))
        return sources

    def _split(self, model: str) -> tuple[str, str]:
        name, slash, rest = model.partition("/")
        return (name, rest) if slash and name in self._settings.providers else ("", model)

    def _client(self, name: str) -> Client:
        if name not in self._clients:
            from plugsky_tui.providers.client import Client
            from plugsky_tui.providers.endpoint import Endpoint

            api = self._settings.api
            limits: ApiSettings | ProviderSettings = self._settings.providers[name] if name else api
            if not name:
                endpoint = Endpoint(
                    api.base_url, key=self._find_key, project=api.project, region=api.region, proxy=api.proxy
                )
            else:  # api.proxy leads to the Plugsky API; the environment's proxies count for every endpoint
                endpoint = self._other(name, self._settings.providers[name])
            endpoint.ca_bundle = api.ca_bundle
            endpoint.max_retries, endpoint.idle_timeout_s = api.max_retries, api.timeout_s
            endpoint.gather_s = self._gather_s
            if self._waits:
                endpoint.rpm, endpoint.concurrency = limits.rpm, limits.concurrency
            endpoint.waits = self._waits
            endpoint.window = partial(self._window, name)
            self._clients[name] = Client(endpoint, connect=self._connect, pacers=self._pacers)
        return self._clients[name]

    def _window(self, name: str, model: str) -> int | None:
        info = self._models.describe(f"{name}/{model}" if name else model)
        return info.context_window if info else None

    def _other(self, name: str, provider: ProviderSettings) -> Endpoint:
        from plugsky_tui.providers.endpoint import Endpoint

        variable = provider.api_key_env
        return Endpoint(
            _base_of(provider),
            name=name,
            kind=provider.kind,
            key=lambda: self._env.get(variable) if variable else None,
            headers=dict(provider.headers),
        )


def _base_of(provider: ProviderSettings) -> str:
    """The address below which the paths of the provider's format begin.

    Clients of Anthropic's format are given an address without its /v1, and those of PlutosAI's one with it: either
    will do here. OpenAI's always has it.
    """
    base = provider.base_url.rstrip("/")
    path = base.partition("://")[2].partition("/")[2]
    last = path.rpartition("/")[2]
    versioned = last[:1] == "v" and last[1:2].isdecimal()
    match provider.kind:
        case "anthropic-messages" if not versioned:
            return f"{base}/v1"
        case "plutos" if not path:
            return f"{base}/v1"
        case _:
            return base
