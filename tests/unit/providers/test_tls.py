"""Whom the client trusts, and what it says of a certificate it does not."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))  # test modules are no package: this lets them share networks.py

from networks import Origin, ReSigningProxy, head_of, listening, tls_for

from plugsky_tui.kernel.errors import ProviderError
from plugsky_tui.providers import http, tls
from plugsky_tui.providers.endpoint import Endpoint
from plugsky_tui.providers.http import HttpClient
from plugsky_tui.providers.tls_errors import read_certificate

KEY = "psk_live_0123456789abcdef"
HEADERS = {"Authorization": f"Bearer {KEY}", "X-Plugsky-Project": "prj_secret"}


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"):
        monkeypatch.delenv(name, raising=False)
    yield


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA(organization_name="Test Authority")


@pytest.fixture(scope="module")
def company() -> trustme.CA:
    return trustme.CA(organization_name="Example Corp Proxy CA")


@pytest.fixture
def bundle(authority: trustme.CA, tmp_path: Path) -> Path:
    return pem_of(authority, tmp_path / "authority.pem")


def pem_of(authority: trustme.CA, path: Path) -> Path:
    authority.cert_pem.write_to_path(str(path))
    return path


async def get(url: str, **endpoint: str) -> int:
    client = HttpClient(Endpoint(url, **endpoint))  # type: ignore[arg-type]
    try:
        answer = await client.send("GET", f"{url}/models", HEADERS)
        assert await answer.read(10) == b"ok"
        await answer.aclose()
        return answer.status
    finally:
        await client.aclose()


async def refused(url: str, **endpoint: str) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await get(url, **endpoint)
    assert caught.value.code == "tls"
    assert not caught.value.retryable
    assert KEY not in f"{caught.value.message} {caught.value.hint}"
    return caught.value


# --- who is trusted ---------------------------------------------------------------------------------


async def test_ca_bundle_ssl_cert_file_and_the_system_count_together(
    authority: trustme.CA, company: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = trustme.CA(organization_name="Known To The System")
    monkeypatch.setattr(
        ssl, "get_default_verify_paths", lambda: _paths(cafile=str(pem_of(system, tmp_path / "system.pem")))
    )
    monkeypatch.setenv("SSL_CERT_FILE", str(pem_of(company, tmp_path / "company.pem")))
    bundle = str(pem_of(authority, tmp_path / "authority.pem"))
    for one in (authority, company, system):
        async with listening(Origin(), tls_for(one, "127.0.0.1")) as port:
            assert await get(f"https://127.0.0.1:{port}/v1", ca_bundle=bundle) == 200


def _paths(cafile: str = "/nowhere", capath: str = "/nowhere") -> ssl.DefaultVerifyPaths:
    return ssl.DefaultVerifyPaths(None, None, "SSL_CERT_FILE", cafile, "SSL_CERT_DIR", capath)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system's own store is asked")
async def test_a_python_built_elsewhere_finds_the_systems_bundle_all_the_same(
    authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ssl, "get_default_verify_paths", _paths)
    monkeypatch.setattr(tls, "_BUNDLES", ("/nowhere/else", str(pem_of(authority, tmp_path / "found.crt"))))
    async with listening(Origin(), tls_for(authority, "127.0.0.1")) as port:
        assert await get(f"https://127.0.0.1:{port}/v1") == 200
    monkeypatch.setattr(tls, "_BUNDLES", ())
    assert tls.trusting(None, {}).cert_store_stats()["x509_ca"] > 50  # Mozilla's, which certifi brings


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system's own store is asked")
def test_the_systems_folder_of_certificates_is_looked_at_only_when_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "0a1b2c3d.0").write_text("not read before a certificate asks for it")
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: _paths(capath=str(tmp_path)))
    assert tls.trusting(None, {}).cert_store_stats()["x509"] == 0


async def test_macos_and_windows_are_asked_themselves_and_bundles_add_to_them(
    authority: trustme.CA, bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tls.sys, "platform", "darwin")
    context = tls.trusting(str(bundle), {})
    monkeypatch.undo()
    assert type(context).__module__.startswith("truststore")
    monkeypatch.setattr(tls, "trusting", lambda _: context)
    async with listening(Origin(), tls_for(authority, "127.0.0.1")) as port:
        assert await get(f"https://127.0.0.1:{port}/v1") == 200
    async with listening(Origin(), tls_for(trustme.CA(organization_name="Another"), "127.0.0.1")) as port:
        assert "'Another'" in (await refused(f"https://127.0.0.1:{port}/v1")).message


@pytest.mark.parametrize("form", ["pem", "der", "folder", "ssl_cert_dir"])
async def test_a_bundle_may_be_pem_der_or_a_folder(
    authority: trustme.CA, tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pem = pem_of(authority, tmp_path / "authority.pem")
    given: dict[str, str] = {"ca_bundle": str(pem)}
    if form == "der":
        (tmp_path / "authority.cer").write_bytes(ssl.PEM_cert_to_DER_cert(pem.read_text()))
        given["ca_bundle"] = str(tmp_path / "authority.cer")
    elif form in ("folder", "ssl_cert_dir"):
        import shutil
        import subprocess

        if not shutil.which("openssl"):
            pytest.skip("no openssl to make the folder with")
        subprocess.run(["openssl", "rehash", str(tmp_path)], check=True, capture_output=True)
        given["ca_bundle"] = str(tmp_path)
        if form == "ssl_cert_dir":
            given = {}
            monkeypatch.setenv("SSL_CERT_DIR", f"/nowhere{os.pathsep}{tmp_path}")
    async with listening(Origin(), tls_for(authority, "127.0.0.1")) as port:
        assert await get(f"https://127.0.0.1:{port}/v1", **given) == 200


async def test_an_intermediate_in_the_bundle_is_enough(authority: trustme.CA, tmp_path: Path) -> None:
    intermediate = authority.create_child_ca()
    async with listening(Origin(), tls_for(intermediate, "127.0.0.1")) as port:
        bundle = pem_of(intermediate, tmp_path / "intermediate.pem")
        assert await get(f"https://127.0.0.1:{port}/v1", ca_bundle=str(bundle)) == 200


async def test_a_bundle_that_cannot_be_used_is_named_with_who_named_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty.pem").write_text("nothing\n")
    error = await refused("https://127.0.0.1:1/v1", ca_bundle=str(tmp_path / "empty.pem"))
    assert "api.ca_bundle" in error.message
    assert "no certificate in it" in error.message
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/ca.pem")
    error = await refused("https://127.0.0.1:1/v1")
    assert "SSL_CERT_FILE" in error.message
    assert "/nowhere/ca.pem: No such file" in error.message


# --- what is said of the others -----------------------------------------------------------------------


async def test_an_unknown_issuer_is_named_with_the_fix_and_hears_nothing(
    authority: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    origin = Origin()
    async with listening(origin, tls_for(authority, "127.0.0.1")) as port:
        error = await refused(f"https://127.0.0.1:{port}/v1")
        assert f"The certificate of 127.0.0.1:{port} is not trusted" in error.message
        assert "issued by 'Test Authority'" in error.message
        assert "plugsky config set api.ca_bundle FILE" in error.hint
        assert "SSL_CERT_FILE" in error.hint
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/etc/company.pem")
        error = await refused(f"https://127.0.0.1:{port}/v1")
        assert "REQUESTS_CA_BUNDLE names /etc/company.pem" in error.hint
    assert origin.heard == []


async def test_a_look_at_the_certificate_sends_no_byte_beyond_the_handshake(authority: trustme.CA) -> None:
    """What arrives after the handshake, on the connection that checks nothing."""
    arrived: list[bytes] = []
    over = asyncio.Event()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.read()
        except ConnectionError:  # left without a word: session tickets were not taken
            pass
        arrived.append(bytes(reader._buffer))  # type: ignore[attr-defined]
        over.set()

    async with listening(listen, tls_for(authority, "127.0.0.1")) as port:
        await refused(f"https://127.0.0.1:{port}/v1")
        await asyncio.wait_for(over.wait(), 5)
    assert arrived == [b""]


async def test_a_proxy_that_re_signs_is_named_and_trusted_once_its_authority_is_given(
    authority: trustme.CA, company: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = ReSigningProxy(shown=tls_for(company, "api.test"))
    async with listening(proxy) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
        error = await refused("https://api.test/v1")
        assert "The certificate of api.test is not trusted" in error.message
        assert "'Example Corp Proxy CA'" in error.message
        assert "'Example Corp Proxy CA'" in error.hint
        assert [head[:7] for head in proxy.heard] == [b"CONNECT", b"CONNECT"]  # one to try, one to look; no request
        path = str(pem_of(company, tmp_path / "company.pem"))
        assert await get("https://api.test/v1", ca_bundle=path) == 200
        monkeypatch.setenv("SSL_CERT_FILE", path)
        assert await get("https://api.test/v1") == 200
        other = str(pem_of(authority, tmp_path / "other.pem"))
        monkeypatch.delenv("SSL_CERT_FILE")
        error = await refused("https://api.test/v1", ca_bundle=other)
        assert f"{other}, as set now, does not vouch for it" in error.hint


@pytest.mark.parametrize(("began", "ends", "says"), [(-30, -2, "expired on"), (2, 30, "is not valid before")])
async def test_a_certificate_out_of_its_time_names_the_day_and_the_clock(
    authority: trustme.CA, bundle: Path, began: int, ends: int, says: str
) -> None:
    today = datetime.now(timezone.utc)
    validity = {"not_before": today + timedelta(days=began), "not_after": today + timedelta(days=ends)}
    async with listening(Origin(), tls_for(authority, "127.0.0.1", **validity)) as port:
        error = await refused(f"https://127.0.0.1:{port}/v1", ca_bundle=str(bundle))
    day = validity["not_after"] if ends < 0 else validity["not_before"]
    assert f"{says} {day:%Y-%m-%d}" in error.message
    assert f"{today:%Y-%m-%d}" in error.hint
    assert "clock" in error.hint


async def test_a_certificate_for_another_name_lists_the_names_it_is_for(authority: trustme.CA, bundle: Path) -> None:
    names = [f"host{number}.example" for number in range(9)]
    async with listening(Origin(), tls_for(authority, *names)) as port:
        error = await refused(f"https://127.0.0.1:{port}/v1", ca_bundle=str(bundle))
    assert "for another name: host0.example, host1.example, host2.example, host3.example and 5 more" in error.message
    assert "Test Authority" in error.message
    assert "base_url" in error.hint


async def test_the_servers_words_move_no_cursor_and_stay_short(tmp_path: Path) -> None:
    nasty = trustme.CA(organization_name="Evil\x1b[2J\nCA\u202e " + "x" * 40)
    async with listening(Origin(), tls_for(nasty, "127.0.0.1")) as port:
        error = await refused(f"https://127.0.0.1:{port}/v1")
    assert error.message.isprintable()
    assert "Evil [2J CA" in error.message


async def test_a_server_that_shows_its_certificate_only_once_is_described_without(
    authority: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "_LOOK_S", 0.3)
    context = tls_for(authority, "127.0.0.1")
    connections = 0

    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        if connections == 1:
            await writer.start_tls(context)
            return
        await asyncio.sleep(30)

    async with listening(once) as port:
        error = await refused(f"https://127.0.0.1:{port}/v1")
    assert "is not trusted" in error.message
    assert "ca_bundle" in error.hint
    assert connections == 2


async def test_plain_http_where_tls_is_expected_is_said_so_and_not_looked_at_again() -> None:
    seen: list[bytes] = []

    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.read(10))
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()

    async with listening(plain) as port:
        error = await refused(f"https://127.0.0.1:{port}/v1")
    assert "wrong version number" in error.message
    assert "http://" in error.hint
    assert len(seen) == 1


async def test_a_server_that_wants_a_clients_certificate_is_no_riddle(authority: trustme.CA, bundle: Path) -> None:
    context = tls_for(authority, "127.0.0.1")
    context.verify_mode = ssl.CERT_REQUIRED
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    authority.configure_trust(context)

    def shake_once() -> None:  # asyncio's servers hang up without the alert that says why
        with listener.accept()[0] as connection, suppress(OSError):
            context.wrap_socket(connection, server_side=True)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        serving = asyncio.create_task(asyncio.to_thread(shake_once))
        error = await refused(f"https://127.0.0.1:{listener.getsockname()[1]}/v1", ca_bundle=str(bundle))
        await serving
    assert "certificate of the client" in error.hint


async def test_no_redirect_leads_the_key_to_another_host(authority: trustme.CA, bundle: Path) -> None:
    other = Origin()

    async def redirect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head_of(reader)
        writer.write(f"HTTP/1.1 307 There\r\nLocation: {place}/models\r\nContent-Length: 0\r\n\r\n".encode())
        await writer.drain()

    async with (
        listening(other, tls_for(authority, "127.0.0.1")) as port,
        listening(redirect, tls_for(authority, "127.0.0.1")) as here,
    ):
        place = f"https://127.0.0.1:{port}/v1"
        client = HttpClient(Endpoint(f"https://127.0.0.1:{here}/v1", ca_bundle=str(bundle)))
        answer = await client.send("GET", f"https://127.0.0.1:{here}/v1/models", HEADERS)
        assert answer.status == 307
        await answer.aclose()
        await client.aclose()
    assert other.connections == 0


# --- reading a certificate ------------------------------------------------------------------------------


@given(st.text(max_size=300), st.lists(st.tuples(st.just("DNS"), st.text(max_size=30)), max_size=5))
def test_whatever_a_certificate_says_fits_on_a_line(name: str, names: list[tuple[str, str]]) -> None:
    times = {"notBefore": "Jan  1 00:00:00 2026 GMT", "notAfter": "Jan  2 00:00:00 2026 GMT"}
    shown = read_certificate({"issuer": ((("commonName", name),),), "subject": (), "subjectAltName": names, **times})
    assert shown is not None
    assert shown.issuer.isprintable()
    assert len(shown.issuer) <= 80
    assert shown.subject == ""
    assert time.gmtime(shown.not_after).tm_mday == 2


async def test_an_authority_with_the_servers_name_is_not_taken_for_the_server() -> None:
    async with listening(Origin(), tls_for(trustme.CA(), "127.0.0.1")) as port:  # both are O=trustme, but for their OU
        error = await refused(f"https://127.0.0.1:{port}/v1")
    assert "issued by 'trustme" in error.message


def test_no_certificate_is_none() -> None:
    assert read_certificate({}) is None
