"""The bytes of a page as text: which encoding they are in (WHATWG HTML, 13.2.3.2, in the main)."""

from __future__ import annotations

import codecs
import re

_LOOK = 4096  # bytes in which a page says what it is written in
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_META = re.compile(rb"<meta[^>]{0,1000}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{1,40})", re.IGNORECASE)
_XML = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9_:.-]{1,40})")
# Labels that mean a larger encoding than they name (WHATWG Encoding, 4.2).
_MEANT = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "tis-620": "cp874",
}


def decoded(body: bytes, charset: str) -> str:
    """`body` as text. `charset` is what the server says, "" for nothing. A byte order mark counts for more, what the
    page says of itself for less; then it is UTF-8, or else Windows-1252. Never raises."""
    for mark, name in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace")
    said = _META.search(body[:_LOOK]) or _XML.search(body[:_LOOK])
    for label in (charset, said[1].decode("ascii") if said else ""):
        if codec := _codec(label):
            if codec.startswith("utf-16") and label != charset:
                codec = "utf-8"  # it could not have been read so far
            return body.decode(codec, "replace")
    # a body that was cut may end within a character
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    try:
        return decoder.decode(body)
    except UnicodeDecodeError:
        return body.decode("cp1252", "replace")


def _codec(label: str) -> str:
    """Python's name for an encoding of text, "" where there is none of that label."""
    if not label:
        return ""
    try:
        found = codecs.lookup(label)
    except (LookupError, ValueError):
        return ""
    if not getattr(found, "_is_text_encoding", True) or found.name in ("idna", "punycode", "unicode_escape", "utf-7"):
        return ""
    return _MEANT.get(found.name, found.name)
