"""Which proxy a request goes through, what the proxy gets to see, and what is said where it does not work."""

from __future__ import annotations

import asyncio
import base64
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))  # test modules are no package: this lets them share networks.py

from networks import HttpProxy, Origin, SocksProxy, listening, tls_for

from plugsky_tui.kernel.errors import ProviderError
from plugsky_tui.providers.endpoint import Endpoint
from plugsky_tui.providers.http import HttpClient
from plugsky_tui.providers.proxies import proxy_for

KEY = "psk_live_0123456789abcdef"
HEADERS = {"Authorization": f"Bearer {KEY}"}


def chosen(url: str, given: str | None = None, **env: str) -> str | None:
    scheme, _, place = url.partition("://")
    host, _, port = place.partition("|")
    proxy = proxy_for(scheme, host, int(port or (443 if scheme == "https" else 80)), given, env)
    return proxy.url if proxy else None


# --- which proxy ------------------------------------------------------------------------------------


def test_the_variable_of_the_scheme_comes_first_then_the_one_for_all() -> None:
    env = {"HTTPS_PROXY": "http://a:1", "HTTP_PROXY": "http://b:2", "ALL_PROXY": "http://c:3"}
    assert chosen("https://api.test", **env) == "http://a:1"
    assert chosen("http://api.test", **env) == "http://b:2"
    assert chosen("https://api.test", ALL_PROXY="http://c:3") == "http://c:3"
    assert chosen("https://api.test", HTTP_PROXY="http://b:2") is None
    assert chosen("https://api.test") is None


def test_lower_case_counts_before_upper_case_and_blank_is_unset() -> None:
    assert chosen("https://api.test", https_proxy="http://low:1", HTTPS_PROXY="http://up:1") == "http://low:1"
    assert chosen("https://api.test", https_proxy=" ", HTTPS_PROXY="http://up:1") == "http://up:1"


def test_a_callers_header_is_no_proxy_under_cgi() -> None:
    assert chosen("http://api.test", HTTP_PROXY="http://evil:1", REQUEST_METHOD="GET") is None


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.9.9.9", "::1", "dev.localhost"])
def test_this_machine_is_reached_directly_unless_a_proxy_was_named_for_it(host: str) -> None:
    assert chosen(f"http://{host}", HTTP_PROXY="http://p:1") is None
    assert chosen(f"http://{host}", "http://q:2") == "http://q:2"
    assert chosen(f"http://{host}", "http://q:2", NO_PROXY=host) is None


@pytest.mark.parametrize(
    ("no_proxy", "host", "direct"),
    [
        ("*", "api.test", True),
        ("api.test", "api.test", True),
        ("API.Test", "api.test.", True),
        ("test", "api.test", True),
        (".test", "api.test", True),
        ("*.test", "api.test", True),
        (".api.test", "api.test", True),
        ("a.test, api.test", "api.test", True),
        ("a.test api.test", "api.test", True),
        ("pi.test", "api.test", False),
        ("api.test.evil", "api.test", False),
        ("", "api.test", False),
        (",,", "api.test", False),
        ("api.test:443", "api.test", True),
        ("api.test:8443", "api.test", False),
        ("10.0.0.0/8", "10.1.2.3", True),
        ("10.0.0.0/8", "11.1.2.3", False),
        ("10.1.2.3", "10.1.2.3", True),
        ("10.1.2.3:443", "10.1.2.3", True),
        ("10.1.2.3:80", "10.1.2.3", False),
        ("2.3", "10.1.2.3", False),
        ("fd00::/8", "fd00::1", True),
        ("[fd00::1]", "fd00::1", True),
        ("[fd00::1]:443", "fd00::1", True),
        ("fd00::/8", "10.1.2.3", False),
    ],
)
def test_no_proxy_lists_names_addresses_and_blocks_of_them(no_proxy: str, host: str, direct: bool) -> None:
    for env, named in (({"HTTPS_PROXY": "http://p:1"}, None), ({}, "http://p:1")):
        assert chosen(f"https://{host}", named, no_proxy=no_proxy, **env) == (None if direct else "http://p:1")


@pytest.mark.parametrize(
    ("address", "read"),
    [
        ("proxy:3128", "http://proxy:3128"),
        ("HTTP://proxy:3128/", "http://proxy:3128"),
        ("https://proxy", "https://proxy"),
        ("socks://127.0.0.1:1080/", "socks5://127.0.0.1:1080"),
        ("socks5h://u:p@proxy:1", "socks5h://u:p@proxy:1"),
        ("http://me:p%40ss@proxy:1", "http://me:p%40ss@proxy:1"),
        ("http://me:p@s/s#w%rd@proxy:1", "http://me:p%40s%2Fs%23w%25rd@proxy:1"),
        ("http://DOMAIN%5Cme:pw@proxy:1", "http://DOMAIN%5Cme:pw@proxy:1"),
        ("http://me@proxy:1", "http://me@proxy:1"),
        ("http://[::1]:3128", "http://[::1]:3128"),
    ],
)
def test_addresses_are_read_as_people_write_them(address: str, read: str) -> None:
    assert chosen("https://api.test", HTTPS_PROXY=address) == read


@pytest.mark.parametrize(
    "address",
    [
        "socks4://proxy:1",
        "ftp://proxy",
        "http://",
        "http://me:s3cret@",
        "http://proxy:http",
        "http://a b:1",
        "nonsense://x",
    ],
)
def test_an_address_that_is_none_names_who_set_it_and_no_password(address: str) -> None:
    with pytest.raises(ProviderError) as caught:
        chosen("https://api.test", HTTPS_PROXY=address)
    assert "HTTPS_PROXY" in caught.value.message
    assert "s3cret" not in f"{caught.value.message} {caught.value.hint}"
    with pytest.raises(ProviderError, match=r"api\.proxy"):
        chosen("https://api.test", address)


@given(st.text(max_size=40), st.text(max_size=40), st.text(min_size=1, max_size=30))
def test_whatever_stands_there_is_a_proxy_none_or_an_error_of_ours(address: str, no_proxy: str, host: str) -> None:
    try:
        proxy = proxy_for("https", host, 443, address, {"NO_PROXY": no_proxy})
    except ProviderError as error:
        assert error.code == "proxy"
        return
    if proxy is not None:
        import httpx

        assert "@" not in proxy.place
        try:
            httpx.Proxy(proxy.url)
        except (httpx.InvalidURL, ValueError):
            pass  # said as a malformed address, without quoting it


@given(st.text(st.characters(codec="utf-8"), min_size=1), st.text(st.characters(codec="utf-8")))
def test_names_and_passwords_survive_however_odd(name: str, password: str) -> None:
    from urllib.parse import quote

    import httpx

    url = chosen("https://api.test", f"http://{quote(name, safe='')}:{quote(password, safe='')}@proxy:1")
    assert httpx.Proxy(str(url)).raw_auth == (name.encode(), password.encode())


# --- through real ones --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA(organization_name="Test Authority")


@pytest.fixture
def bundle(authority: trustme.CA, tmp_path: Path) -> str:
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return str(path)


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
    assert KEY not in f"{caught.value.message} {caught.value.hint}"
    return caught.value


async def test_a_tunnel_shows_the_proxy_where_to_and_nothing_else(
    authority: trustme.CA, bundle: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    origin, proxy = Origin(), HttpProxy(login="me:p@ss:w/rd ü")
    async with listening(origin, tls_for(authority, "api.test")) as proxy.leads_to, listening(proxy) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://me:p%40ss%3Aw%2Frd%20%C3%BC@127.0.0.1:{port}")
        assert await get("https://api.test/v1", ca_bundle=bundle) == 200
    assert proxy.heard[0].startswith(b"CONNECT api.test:443 HTTP/1.1\r\n")
    seen = b"".join(proxy.heard) + proxy.carried
    for form in (KEY.encode(), base64.b64encode(KEY.encode()), KEY.encode().hex().encode(), b"/v1/models"):
        assert form not in seen
    assert KEY.encode() in origin.heard[0]
    assert b"roxy-" not in origin.heard[0]  # nor does the server see the proxy's password


async def test_a_proxy_that_is_itself_reached_over_https(authority: trustme.CA, bundle: str) -> None:
    origin, proxy = Origin(), HttpProxy(login="me:secret")
    async with (
        listening(origin, tls_for(authority, "api.test")) as proxy.leads_to,
        listening(proxy, tls_for(authority, "127.0.0.1")) as port,
    ):
        address = f"https://me:secret@127.0.0.1:{port}"
        assert await get("https://api.test/v1", proxy=address, ca_bundle=bundle) == 200
        assert len(origin.heard) == 1
        error = await refused("https://api.test/v1", proxy=address)
        assert error.code == "tls"
        assert f"the proxy https://127.0.0.1:{port}" in error.message
        assert "'Test Authority'" in error.message
        assert "secret" not in f"{error.message} {error.hint}"
    assert len(proxy.heard) == 1  # no CONNECT, and no password, to a proxy that is not trusted


async def test_behind_a_trusted_https_proxy_it_is_the_server_that_is_named(authority: trustme.CA, bundle: str) -> None:
    origin, proxy = Origin(), HttpProxy()
    stranger = trustme.CA(organization_name="Nobody Knows Ltd")
    async with (
        listening(origin, tls_for(stranger, "api.test")) as proxy.leads_to,
        listening(proxy, tls_for(authority, "127.0.0.1")) as port,
    ):
        error = await refused("https://api.test/v1", proxy=f"https://127.0.0.1:{port}", ca_bundle=bundle)
    assert "The certificate of api.test" in error.message
    assert "'Nobody Knows Ltd'" in error.message
    assert origin.heard == []


async def test_socks_resolves_names_at_the_proxy(authority: trustme.CA, bundle: str) -> None:
    origin, proxy = Origin(), SocksProxy(login=("me", "s3cret"))
    async with listening(origin, tls_for(authority, "api.test")) as proxy.leads_to, listening(proxy) as port:
        assert await get("https://api.test/v1", proxy=f"socks5://me:s3cret@127.0.0.1:{port}", ca_bundle=bundle) == 200
        error = await refused("https://api.test/v1", proxy=f"socks5://me:wrong@127.0.0.1:{port}", ca_bundle=bundle)
        assert error.code == "proxy_auth"
        assert "wrong" not in error.message
        stranger = await refused("https://api.test/v1", proxy=f"socks5://me:s3cret@127.0.0.1:{port}")
        assert "'Test Authority'" in stranger.message
    assert proxy.asked_for[0] == b"api.test"
    assert KEY.encode() not in proxy.carried
    assert len(origin.heard) == 1


@pytest.mark.parametrize("url", ["http://far.test/v1", "https://far.test/v1"])
@pytest.mark.parametrize(("login", "says"), [("", "wants a name"), ("me:s3cret@", "does not accept")])
async def test_a_proxy_that_wants_another_password_is_named(url: str, login: str, says: str) -> None:
    proxy = HttpProxy(login="me:other")
    async with listening(proxy) as port:
        if url.startswith("http:"):
            client = HttpClient(Endpoint(url, proxy=f"http://{login}127.0.0.1:{port}"))
            answer = await client.send("GET", url, {})
            assert answer.status == 407  # an answer like any other: providers.errors words it
            await answer.aclose()
            await client.aclose()
            return
        error = await refused(url, proxy=f"http://{login}127.0.0.1:{port}")
    assert (error.code, error.status, error.retryable) == ("proxy_auth", 407, False)
    assert says in error.message
    assert f"http://127.0.0.1:{port}" in error.message
    assert "api.proxy" in error.hint
    assert "s3cret" not in f"{error.message} {error.hint}"


async def test_a_proxy_that_refuses_the_host_is_quoted() -> None:
    proxy = HttpProxy(refuses="403 Category AI")
    async with listening(proxy) as port:
        error = await refused("https://far.test/v1", proxy=f"http://127.0.0.1:{port}")
        assert (error.code, error.retryable) == ("proxy", False)
        assert "403 Category AI" in error.message
        proxy.refuses = "503 Later"
        assert (await refused("https://far.test/v1", proxy=f"http://127.0.0.1:{port}")).retryable


async def test_a_proxy_that_is_down_or_has_no_address_is_what_the_error_is_about(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://me:s3cret@127.0.0.1:1")
    error = await refused("https://far.test/v1")
    assert error.code == "connect"
    assert "The proxy http://127.0.0.1:1" in error.message
    assert "HTTPS_PROXY" in error.hint
    monkeypatch.setattr(socket, "getaddrinfo", _no_name)
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.invalid:1")
    error = await refused("https://far.test/v1")
    assert error.code == "dns"
    assert "http://proxy.invalid:1" in error.message


def _no_name(*_: object, **__: object) -> None:
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


async def test_what_answers_without_speaking_socks_is_no_traceback(authority: trustme.CA) -> None:
    async def garbage(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(3)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()

    async with listening(garbage) as port:
        error = await refused("https://far.test/v1", proxy=f"socks5://127.0.0.1:{port}")
    assert error.code == "proxy"


async def test_no_answer_to_a_tunnel_is_an_error_of_the_connection(authority: trustme.CA) -> None:
    async def hang_up(reader: object, writer: object) -> None:
        return

    async with listening(hang_up) as port:  # type: ignore[arg-type]
        error = await refused("https://far.test/v1", proxy=f"http://127.0.0.1:{port}")
    assert error.retryable


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    yield


def test_whom_to_trust_is_not_read_for_plain_http() -> None:
    code = (
        "import asyncio, sys\n"
        "from plugsky_tui.providers.http import HttpClient\n"
        "from plugsky_tui.providers.endpoint import Endpoint\n"
        "from plugsky_tui.kernel.errors import ProviderError\n"
        "async def go():\n"
        "    try:\n"
        "        await HttpClient(Endpoint('http://127.0.0.1:1/v1')).send('GET', 'http://127.0.0.1:1/v1', {})\n"
        "    except ProviderError: pass\n"
        "asyncio.run(go())\n"
        "print([n for n in ('truststore', 'plugsky_tui.providers.tls', 'plugsky_tui.providers.tls_errors') if n in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
