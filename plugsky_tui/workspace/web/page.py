"""What a model is shown of an answer: a page as Markdown, text as it is, an image, or what it is where it is none of these."""

from __future__ import annotations

import json
from dataclasses import field

from plugsky_tui.kernel.record import record
from plugsky_tui.workspace.files import size_text
from plugsky_tui.workspace.images import kind_of
from plugsky_tui.workspace.web.fetched import Fetched
from plugsky_tui.workspace.web.text import decoded

_HTML = ("text/html", "application/xhtml+xml")
_TEXTS = frozenset(
    "application/javascript application/ecmascript application/x-javascript application/x-sh application/sql "
    "application/toml application/yaml application/x-yaml application/x-ndjson application/x-httpd-php "
    "application/graphql application/rtf application/x-tex application/x-www-form-urlencoded image/svg+xml "
    "message/rfc822 application/mbox application/x-subrip".split()
)
_SNIFFED = 1024  # bytes


@record
class Shown:
    """`text` is for the model, `language` how it is coloured for people. `image` is the media type of a body that is an
    image; `what` says in words what the body is where there is neither: "PDF document"."""

    title: str = ""
    text: str = ""
    language: str = ""
    image: str = ""
    what: str = ""
    notes: list[str] = field(default_factory=list)


def shown(fetched: Fetched) -> Shown:
    """Never raises. Blocking: call it in a thread."""
    media = fetched.media_type or _sniffed(fetched.body)
    if media in _HTML:
        return _page(fetched)
    kind = kind_of(fetched.body[:16])
    if kind.media_type:
        return Shown(image=kind.media_type, what=f"{kind.name} image")
    if media == "application/json" or media.endswith("+json"):
        return _json(fetched)
    if media.endswith(("/xml", "+xml")):
        return Shown(text=_text(fetched), language="xml")
    if (media.startswith("text/") or media in _TEXTS) and kind.name == "binary data" and not _is_binary(fetched):
        return Shown(text=_text(fetched), language="markdown" if "markdown" in media else "")
    if (
        media in ("", "application/octet-stream")
        and fetched.body
        and not _is_binary(fetched)
        and _is_text(fetched.body)
    ):
        return Shown(text=_text(fetched))
    return Shown(what=kind.name if kind.name != "binary data" else media or "binary data")


def _page(fetched: Fetched) -> Shown:
    from plugsky_tui.workspace.web.markdown import to_markdown

    page = to_markdown(decoded(fetched.body, fetched.charset), fetched.url)
    notes = [] if page.whole else ["the page is so large that only its beginning was read"]
    if not page.markdown.strip() and fetched.body.strip():
        notes.append("no text is left of it without scripts: it may be made by JavaScript, which is not run")
    return Shown(page.title, page.markdown, "markdown", notes=notes)


def _json(fetched: Fetched) -> Shown:
    text = _text(fetched)
    try:
        text = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        pass  # as it came: cut, or not quite JSON
    return Shown(text=text, language="json")


def _text(fetched: Fetched) -> str:
    return decoded(fetched.body, fetched.charset).replace("\r\n", "\n").replace("\0", "�")


def _sniffed(body: bytes) -> str:
    """The media type where the server gave none (WHATWG MIME Sniffing, 7.1, in the main)."""
    start = body[:_SNIFFED].lstrip().lower()
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<body", b"<h1", b"<div", b"<p>", b"<title")):
        return "text/html"
    if start.startswith(b"<?xml"):
        return "text/xml"
    if start.startswith((b"{", b"[")):
        return "application/json"
    return ""


def _is_binary(fetched: Fetched) -> bool:
    """Whether what is called text is none: no text holds NUL, but in UTF-16."""
    sample = fetched.body[:_SNIFFED]
    return b"\0" in sample and not (
        fetched.charset.startswith("utf-16") or sample.startswith((b"\xff\xfe", b"\xfe\xff"))
    )


def _is_text(body: bytes) -> bool:
    sample = body[:_SNIFFED]
    try:
        sample.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start >= len(sample) - 3 and len(body) > _SNIFFED
    return True


def size_of(fetched: Fetched) -> str:
    """How large the whole body is, as far as that is known."""
    if fetched.size is not None:
        return size_text(fetched.size)
    return size_text(len(fetched.body)) if fetched.whole else f"more than {size_text(len(fetched.body))}"
