"""The wire formats there are, by the `kind` that configuration gives them."""

from __future__ import annotations

from plugsky_tui.kernel.errors import ConfigError
from plugsky_tui.providers.endpoint import Endpoint
from plugsky_tui.providers.format import Format


def format_of(endpoint: Endpoint) -> Format:
    """The format that `endpoint` speaks; each is imported when it is first spoken. ConfigError for an unknown one."""
    match endpoint.kind:
        case "openai-chat":
            from plugsky_tui.providers.chat_format import ChatFormat

            return ChatFormat()
        case "anthropic-messages":
            from plugsky_tui.providers.messages_format import MessagesFormat

            return MessagesFormat()
        case "plutos":
            from plugsky_tui.providers.plutos_format import PlutosFormat

            return PlutosFormat()
        case _:
            raise ConfigError(
                f"providers.{endpoint.name}: this version does not speak {endpoint.kind}",
                hint=f"Most servers also offer an OpenAI-compatible endpoint: point providers.{endpoint.name}.base_url at it.",
            )
