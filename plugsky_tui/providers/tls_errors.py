"""Why an encrypted connection did not come about, in words, with the certificate that was shown and the fix."""

from __future__ import annotations

import os
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from plugsky_tui.kernel.errors import ProviderError

# X509_V_ERR_… of OpenSSL's x509_vfy.h
_NOT_YET_VALID, _EXPIRED, _SELF_SIGNED = 9, 10, 18
_OTHER_NAME = (62, 63, 64)  # host name, e-mail, IP address

# Other programs' ways to name a company's CA: a hint where the fix may lie, but no permission to trust it.
_HINTING = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
_NEVER = "Checking is never switched off."
_MAX_NAME = 80
_MAX_NAMES = 4


@dataclass(slots=True)
class Certificate:
    """What a server showed, unchecked: every word of it is the server's. Times are seconds since 1970, UTC."""

    subject: str
    issuer: str
    names: list[str] = field(default_factory=list)
    not_before: float = 0.0
    not_after: float = 0.0
    self_signed: bool = False


def read_certificate(decoded: Mapping[str, Any]) -> Certificate | None:
    """From what `ssl.SSLSocket.getpeercert` gives; None where that is nothing."""
    if not decoded:
        return None
    return Certificate(
        subject=_name(decoded.get("subject", ())),
        issuer=_name(decoded.get("issuer", ())),
        names=[_clean(value) for _, value in decoded.get("subjectAltName", ())],
        not_before=ssl.cert_time_to_seconds(decoded["notBefore"]),
        not_after=ssl.cert_time_to_seconds(decoded["notAfter"]),
        self_signed=decoded.get("subject") == decoded.get("issuer"),
    )


def tls_error(
    error: ssl.SSLError,
    who: str,
    shown: Certificate | None,
    *,
    ca_bundle: str | None = None,
    env: Mapping[str, str] = os.environ,
) -> ProviderError:
    """The error for people. `who` is the host that was called; `shown` its certificate, where that could be had."""
    if isinstance(error, ssl.SSLCertVerificationError):
        message, hint = _untrusted(error, who, shown, ca_bundle, env)
    else:
        message, hint = _no_tls(error, who)
    return ProviderError(message, hint=hint, code="tls")


def _untrusted(
    error: ssl.SSLCertVerificationError,
    who: str,
    shown: Certificate | None,
    ca_bundle: str | None,
    env: Mapping[str, str],
) -> tuple[str, str]:
    words = _clean(getattr(error, "verify_message", "") or error.reason or str(error)).rstrip(".")
    code = getattr(error, "verify_code", 0)
    now = time.time()
    if code in (_NOT_YET_VALID, _EXPIRED) or (shown and not shown.not_before <= now <= shown.not_after):
        return _out_of_time(code, words, who, shown, now)
    if code in _OTHER_NAME:
        names = f": {_listed(shown.names or [shown.subject])}" if shown else ""
        return (
            f"The certificate of {who} is for another name{names} ({words}).{_issued(shown)}",
            f"Check base_url for a typing error. On a guest network, log in with a browser first. {_NEVER}",
        )
    if code == _SELF_SIGNED or (shown and shown.self_signed):
        by = f" It names only itself, '{shown.subject}'." if shown else ""
        fix = _trust_it("the server's certificate", ca_bundle, env)
        return f"The certificate of {who} is not trusted: {words}.{by}", f"If you trust it: {fix}"
    by = f" It was issued by '{shown.issuer}', which this machine does not know." if shown and shown.issuer else ""
    whom = f"the CA certificate of '{shown.issuer}'" if shown and shown.issuer else "its CA certificate"
    hint = "If that is your company's, or its proxy re-signs traffic: " + _trust_it(whom, ca_bundle, env)
    return f"The certificate of {who} is not trusted: {words}.{by}", hint


def _out_of_time(code: int, words: str, who: str, shown: Certificate | None, now: float) -> tuple[str, str]:
    """Where the certificate that was shown is in its time, one of those above it is not."""
    clock = f"By this machine's clock it is {_day(now)}: set the clock if that is wrong"
    if code == _EXPIRED or (shown and shown.not_after < now):
        whose, when = "chain of certificates", ""
        if shown and shown.not_after < now:
            whose, when = "certificate", f" on {_day(shown.not_after)}"
        return (
            f"The {whose} of {who} expired{when} ({words}).{_issued(shown)}",
            f"{clock}; else only the owner of the server, or of the proxy that re-signs traffic, can renew it. {_NEVER}",
        )
    when = f"before {_day(shown.not_before)}" if shown and shown.not_before > now else "yet"
    return f"The certificate of {who} is not valid {when} ({words}).{_issued(shown)}", f"{clock}. {_NEVER}"


def _issued(shown: Certificate | None) -> str:
    return f" It was issued by '{shown.issuer}'." if shown and shown.issuer else ""


def _trust_it(what: str, ca_bundle: str | None, env: Mapping[str, str]) -> str:
    fix = f"save {what} as a PEM file, then: plugsky config set api.ca_bundle FILE (SSL_CERT_FILE=FILE works too)."
    for name in _HINTING:
        if path := env.get(name):
            fix += f" {name} names {path}: if that file is right, set it there too; plugsky does not read {name}."
            break
    if ca_bundle:
        fix += f" {ca_bundle}, as set now, does not vouch for it."
    return f"{fix} {_NEVER}"


def _no_tls(error: ssl.SSLError, who: str) -> tuple[str, str]:
    reason = (error.reason or str(error)).replace("_", " ").lower()
    message = f"No encrypted connection to {who} came about: {reason}."
    words = reason.replace(" ", "")
    if "wrongversionnumber" in words or "httprequest" in words:
        return message, "Nothing there speaks TLS: is it http:// instead of https://, or another port (base_url)?"
    if "certificaterequired" in words or "handshakefailure" in words:
        return (
            message,
            "The server may want a certificate of the client, or a proxy that stands between; ask its owner.",
        )
    if "protocolversion" in words or "unsupportedprotocol" in words:
        return message, "The other end speaks only versions of TLS that are no longer safe: its owner must update it."
    return message, "Check base_url (https where plain http is spoken?) and whether a proxy stands between."


# --- small parts ------------------------------------------------------------------------------


def _name(parts: Any) -> str:
    """A distinguished name (RFC 4514) by what people call it: the common name, else the organisation."""
    found = {key: value for pair in parts for key, value in pair}
    best = next(
        (found[key] for key in ("commonName", "organizationName", "organizationalUnitName") if found.get(key)), ""
    )
    return _clean(best)


def _listed(names: list[str]) -> str:
    more = len(names) - _MAX_NAMES
    return ", ".join(names[:_MAX_NAMES]) + (f" and {more} more" if more > 0 else "")


def _clean(text: Any) -> str:
    """The server's words on one line of bounded length, with nothing that moves a cursor."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in str(text)).split())
    return line if len(line) <= _MAX_NAME else line[: _MAX_NAME - 1] + "…"


def _day(seconds: float) -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(seconds))
