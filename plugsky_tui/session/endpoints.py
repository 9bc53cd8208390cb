"""Which server answers for which model: the Plugsky API, or one of `[providers.NAME]` for "NAME/MODEL"."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from plugsky_tui.config.settings import ProviderSettings, Settings
from plugsky_tui.kernel.errors import ConfigError, PlugskyError
from plugsky_tui.kernel.ports import Request, StreamItem

if TYPE_CHECKING:
    from plugsky_tui.providers.catalogue import ModelInfo
    from plugsky_tui.providers.client import Client
    from plugsky_tui.providers.endpoint import Endpoint


class Endpoints:
    """A Provider that hands each request to the endpoint its model names. Clients are made at first use."""

    def __init__(
        self,
        settings: Settings,
        find_key: Callable[[], str | None],
        env: Mapping[str, str] = os.environ,
        *,
        gather_s: float = 0.0,
    ) -> None:
        """`gather_s`: see `Endpoint`."""
        self._settings = settings
        self._find_key = find_key
        self._env = env
        self._gather_s = gather_s
        self._clients: dict[str, Client] = {}

    def stream(self, request: Request) -> AsyncIterator[StreamItem]:
        name, model = self._split(request.model)
        return self._client(name).stream(Request(model, request.system, request.messages, request.tools, request.parameters))

    async def models(self, refresh: bool) -> Sequence[ModelInfo]:
        """The models on offer. With `refresh` every endpoint is asked; ProviderError where none answers."""
        from plugsky_tui.providers import catalogue

        if not refresh:
            return catalogue.merge([])
        others: list[ModelInfo] = []
        for name in self._settings.providers:
            try:
                others += [_named(name, info) for info in await self._client(name).models()]
            except PlugskyError:
                continue
        try:
            live = await self._client("").models()
        except PlugskyError:
            if not others:
                raise
            live = []  # whoever works with a local server only is offered its models all the same
        return [*catalogue.merge(live), *others]

    async def close(self) -> None:
        clients, self._clients = self._clients, {}
        for client in clients.values():
            await client.aclose()

    def check(self, model: str) -> None:
        """ConfigError where `model` names an endpoint that cannot be used."""
        self._client(self._split(model)[0])

    def _split(self, model: str) -> tuple[str, str]:
        name, slash, rest = model.partition("/")
        return (name, rest) if slash and name in self._settings.providers else ("", model)

    def _client(self, name: str) -> Client:
        if name not in self._clients:
            from plugsky_tui.providers.client import Client
            from plugsky_tui.providers.endpoint import Endpoint

            api = self._settings.api
            if not name:
                endpoint = Endpoint(
                    api.base_url, key=self._find_key, project=api.project, region=api.region, proxy=api.proxy
                )
            else:  # api.proxy leads to the Plugsky API; the environment's proxies count for every endpoint
                endpoint = self._other(name, self._settings.providers[name])
            endpoint.ca_bundle = api.ca_bundle
            endpoint.max_retries, endpoint.idle_timeout_s = api.max_retries, api.timeout_s
            endpoint.gather_s = self._gather_s
            self._clients[name] = Client(endpoint)
        return self._clients[name]

    def _other(self, name: str, provider: ProviderSettings) -> Endpoint:
        from plugsky_tui.providers.endpoint import Endpoint

        if provider.kind != "openai-chat":
            raise ConfigError(
                f"providers.{name}: this version speaks openai-chat only, not {provider.kind}",
                hint=f"Most servers also offer an OpenAI-compatible endpoint: point providers.{name}.base_url at it.",
            )
        variable = provider.api_key_env
        return Endpoint(
            provider.base_url,
            name=name,
            key=lambda: self._env.get(variable) if variable else None,
            headers=dict(provider.headers),
        )


def _named(name: str, info: ModelInfo) -> ModelInfo:
    from dataclasses import replace

    return replace(info, id=f"{name}/{info.id}")
