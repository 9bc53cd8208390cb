"""Whom to trust as the other end of a connection, and what to say where it cannot be trusted.

What the system trusts, SSL_CERT_FILE, SSL_CERT_DIR and `[api] ca_bundle` count together: each adds to the others and
none replaces them. Imported with the first request over https.
"""

from __future__ import annotations

import os
import re
import ssl
import sys
from collections.abc import Mapping
from pathlib import Path

from plugsky_tui.kernel.errors import ProviderError

# Where distributions keep their bundle. A Python that was built elsewhere (by uv, conda or python.org) looks where its
# builder had it, and that may be nowhere here.
_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Ubuntu, Alpine, Arch, Gentoo, NixOS
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  # Fedora, RHEL
    "/etc/pki/tls/certs/ca-bundle.crt",  # Fedora, RHEL and CentOS before
    "/etc/ssl/ca-bundle.pem",  # SUSE
    "/var/lib/ca-certificates/ca-bundle.pem",  # SUSE without links
    "/etc/ssl/cert.pem",  # the BSDs, Alpine
    "/usr/local/share/certs/ca-root-nss.crt",  # FreeBSD
    "/data/data/com.termux/files/usr/etc/tls/cert.pem",  # Termux
)
_HASHED = re.compile(r"[0-9a-f]{8}\.\d+")  # how OpenSSL finds a certificate in a folder


def trusting(ca_bundle: str | None, env: Mapping[str, str] = os.environ) -> ssl.SSLContext:
    """What every connection is checked with. `ca_bundle` is a file of certificates (PEM or DER), or a folder as
    `openssl rehash` makes it.

    Raises ProviderError ("tls") where a file that somebody named cannot be used.
    """
    context = _system_store()
    # A bundle may name what signed the server's certificate, though no root (as curl and Python 3.13 have it).
    # VERIFY_X509_STRICT, which Python 3.13 adds, is left out: many a company's CA lacks what it demands.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    named = {}
    if file := env.get("SSL_CERT_FILE"):
        named[os.path.expanduser(file)] = "SSL_CERT_FILE"  # noqa: PTH111
    if ca_bundle:
        named.setdefault(os.path.expanduser(ca_bundle), "api.ca_bundle")  # noqa: PTH111
    for path, source in named.items():
        try:
            _add(context, path)
        except OSError as error:  # ssl.SSLError is one
            raise ProviderError(
                f"The CA certificates that {source} names cannot be used: {path}: {_why(error)}.",
                hint=f"Set {source} to a file of certificates in PEM form, or unset it: the system's are trusted anyway.",
                code="tls",
            ) from error
    if folders := env.get("SSL_CERT_DIR"):
        context.load_verify_locations(capath=folders)  # looked at when needed; one that is not there counts as empty
    return context


def _system_store() -> ssl.SSLContext:
    if sys.platform in ("darwin", "win32"):
        import truststore  # asks the system itself: a company's own CA in the keychain counts, and revocation does

        return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # Not set_default_verify_paths: with SSL_CERT_FILE set it leaves the system's own out.
    paths = ssl.get_default_verify_paths()
    found = _try(context, paths.openssl_cafile)
    if _has_certificates(paths.openssl_capath):
        context.load_verify_locations(capath=paths.openssl_capath)  # read as needed, which takes no time now
        found = True
    if not (found or any(_try(context, bundle) for bundle in _BUNDLES)):
        import certifi  # Mozilla's list, on a system that has none; httpx brings it

        context.load_verify_locations(certifi.where())
    return context


def _try(context: ssl.SSLContext, bundle: str) -> bool:
    try:
        context.load_verify_locations(bundle)
    except OSError:
        return False
    return True


def _has_certificates(folder: str) -> bool:
    try:
        with os.scandir(folder) as entries:
            return any(_HASHED.fullmatch(entry.name) for entry in entries)
    except OSError:
        return False


def _add(context: ssl.SSLContext, path: str) -> None:
    """Raises OSError (ssl.SSLError is one)."""
    if os.path.isdir(path):  # noqa: PTH112
        context.load_verify_locations(capath=path)
        return
    try:
        context.load_verify_locations(path)
    except ssl.SSLError:
        data = Path(path).read_bytes()
        if not data.startswith(b"\x30"):  # DER, as Windows and many a help desk export it, begins with a SEQUENCE
            raise
        context.load_verify_locations(cadata=data)


def _why(error: OSError) -> str:
    if isinstance(error, ssl.SSLError):
        return "there is no certificate in it"
    return error.strerror or type(error).__name__
