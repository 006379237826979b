"""Whose keys a plugin believes, and when it asks for them."""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from joserfc.jwk import RSAKey

from tests.support.patience import PATIENCE_SECONDS
from tests.support.plugin_conversation import gateway_token
from trunkline_plugin.serving.gateway_token import GatewayTokens, TokenInvalid
from trunkline_plugin.settings import Settings


@dataclass(slots=True)
class Gateway:
    """Tells its keys to whoever asks, but not before it is released."""

    url: str
    asked: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    released: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def gateway(gateway_key: RSAKey) -> Iterator[Gateway]:
    keys = json.dumps({"keys": [{**gateway_key.as_dict(private=False), "kid": "bp-sample"}]}).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            gateway.asked.release()
            gateway.released.wait(PATIENCE_SECONDS)
            self.send_response(200)
            self.send_header("Content-Length", str(len(keys)))
            self.end_headers()
            self.wfile.write(keys)

        def log_message(self, *_: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        gateway = Gateway(f"http://127.0.0.1:{server.server_address[1]}/")
        yield gateway
        gateway.released.set()
        server.shutdown()


def test_calls_that_come_while_the_keys_are_asked_for_wait_for_them(gateway: Gateway, gateway_key: RSAKey) -> None:
    tokens = GatewayTokens(Settings(public_key_url=gateway.url))
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(tokens.read, gateway_token(gateway_key))
        assert gateway.asked.acquire(timeout=PATIENCE_SECONDS)
        second = pool.submit(tokens.read, gateway_token(gateway_key))
        threading.Timer(0.2, gateway.released.set).start()
        assert second.result(PATIENCE_SECONDS).app_code == first.result(PATIENCE_SECONDS).app_code != ""
    assert not gateway.asked.acquire(blocking=False), "one asks for all"


def test_a_key_nobody_knows_is_asked_for_once_in_a_while(gateway: Gateway) -> None:
    gateway.released.set()
    tokens = GatewayTokens(Settings(public_key_url=gateway.url))
    stranger = gateway_token(RSAKey.generate_key(2048))
    for _ in range(3):
        with pytest.raises(TokenInvalid, match="not signed by a key"):
            tokens.read(stranger)
    assert gateway.asked.acquire(blocking=False)
    assert not gateway.asked.acquire(blocking=False), "a stranger makes no plugin ask at every call"
