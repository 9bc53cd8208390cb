"""What we tell a server of ourselves, and what it is answered when it asks."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

import plugsky_tui
from plugsky_tui.workspace.lsp.connection import UnknownMethod
from plugsky_tui.workspace.lsp.uris import uri_of

# Nothing is said of workspace/didChangeWatchedFiles: servers that can watch files then do so themselves. Requests to
# read anew what we never read need a client that shows it.
_CAPABILITIES: dict[str, Any] = {
    "general": {"positionEncodings": ["utf-16"]},
    "textDocument": {
        "synchronization": {"dynamicRegistration": False, "didSave": True},
        "publishDiagnostics": {"relatedInformation": False, "versionSupport": True, "codeDescriptionSupport": False},
        "diagnostic": {"dynamicRegistration": True, "relatedDocumentSupport": False},
    },
    "window": {"workDoneProgress": True, "showMessage": {"messageActionItem": {"additionalPropertiesSupport": False}}},
    "workspace": {"configuration": True, "workspaceFolders": True, "applyEdit": False, "didChangeWatchedFiles": {}},
    "experimental": {"serverStatusNotification": True},  # rust-analyzer: when it has read the project
}


def initialize_params(folder: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of `initialize` for the workspace `folder`; `options` are the server's own."""
    return {
        "processId": os.getpid(),
        "clientInfo": {"name": "plugsky", "version": plugsky_tui.__version__},
        "rootPath": folder,
        "rootUri": uri_of(folder),
        "workspaceFolders": _folders(folder),
        "capabilities": _CAPABILITIES,
        "initializationOptions": dict(options),
    }


def _folders(folder: str) -> list[dict[str, str]]:
    return [{"uri": uri_of(folder), "name": os.path.basename(folder) or "/"}]


def answers(
    folder: str, settings: Mapping[str, Any], registered: Callable[[str, Any], None]
) -> Callable[[str, Any], Any]:
    """What answers a server's requests. `registered` hears of each method it registers for, with its options."""

    def answer(method: str, params: Any) -> Any:
        match method:
            case "workspace/configuration":
                return [section(settings, item.get("section") or "") for item in params["items"]]
            case "workspace/workspaceFolders":
                return _folders(folder)
            case "client/registerCapability":
                for each in params["registrations"]:
                    registered(each["method"], each.get("registerOptions") or {})
                return None
            case "workspace/applyEdit":
                return {"applied": False, "failureReason": "This client changes no files."}
            case "window/showDocument":
                return {"success": False}
            case (
                "client/unregisterCapability"
                | "window/workDoneProgress/create"
                | "window/showMessageRequest"  # null: no button was pressed
                | "workspace/diagnostic/refresh"
                | "workspace/semanticTokens/refresh"
                | "workspace/inlayHint/refresh"
                | "workspace/codeLens/refresh"
                | "workspace/foldingRange/refresh"
                | "workspace/inlineValue/refresh"
            ):
                return None
            case _:
                raise UnknownMethod

    return answer


def section(settings: Mapping[str, Any], name: str) -> Any:
    """The part of `settings` that "a.b" names; None where there is no such thing."""
    value: Any = settings
    for part in name.split(".") if name else []:
        value = value.get(part) if isinstance(value, Mapping) else None
    return value
