"""A small OpenID Connect provider: a real HTTP server that signs with a real key, and that can be made to misbehave.

It is written against the standard library and `cryptography` alone, so that it shares nothing with the client it tests.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from reachback.clock import Clock

CLIENT_ID, CLIENT_SECRET = "reachback", "a secret of the client, & more"
Json = dict[str, Any]
# From the claims as they should be to the token as it is sent.
Signer = Callable[["Provider", Json], str]


def base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _number(value: int) -> str:
    return base64url(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def joined(header: Json, claims: Json) -> str:
    return f"{base64url(json.dumps(header).encode())}.{base64url(json.dumps(claims).encode())}"


def well_signed(provider: Provider, claims: Json) -> str:
    return signed_by(provider.key, claims, provider.key_id)


def signed_by(key: rsa.RSAPrivateKey, claims: Json, key_id: str) -> str:
    said = joined({"alg": "RS256", "kid": key_id, "typ": "JWT"}, claims)
    return f"{said}.{base64url(key.sign(said.encode(), PKCS1v15(), SHA256()))}"


def unsigned(_provider: Provider, claims: Json) -> str:
    return joined({"alg": "none"}, claims) + "."


def signed_by_a_stranger(provider: Provider, claims: Json) -> str:
    return signed_by(rsa.generate_private_key(65537, 2048), claims, provider.key_id)


def signed_with_the_shared_secret(_provider: Provider, claims: Json) -> str:
    said = joined({"alg": "HS256"}, claims)
    return f"{said}.{base64url(hmac.digest(CLIENT_SECRET.encode(), said.encode(), 'sha256'))}"


def changed_after_signing(provider: Provider, claims: Json) -> str:
    head, _, signature = well_signed(provider, claims).split(".")
    return f"{head}.{base64url(json.dumps({**claims, 'groups': ['bosses']}).encode())}.{signature}"


@dataclass
class Provider:
    """What it says, and whom it knows; tests change it while it runs."""

    clock: Clock
    url: str = ""
    person: Json = field(default_factory=lambda: {"sub": "u-1", "preferred_username": "carla", "groups": ["readers"]})
    changes: Json = field(default_factory=dict)  # of the ID token's claims; None takes one away
    signer: Signer = well_signed
    metadata: Json = field(default_factory=dict)
    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))
    key_id: str = "k1"
    codes: dict[str, Json] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def rotate(self) -> None:
        self.key, self.key_id = rsa.generate_private_key(65537, 2048), f"{self.key_id}+"

    def described(self) -> Json:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            **self.metadata,
        }

    def keys(self) -> Json:
        numbers = self.key.public_key().public_numbers()
        key = {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.key_id}
        return {"keys": [{**key, "n": _number(numbers.n), "e": _number(numbers.e)}]}

    def authorize(self, asked: Json) -> str:
        """Where the browser goes back to, as if somebody had signed in."""
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT_ID
        assert asked["code_challenge_method"] == "S256"
        assert len(asked["code_challenge"]) == 43
        assert "openid" in asked["scope"].split()
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def token(self, asked: Json, authorization: str) -> tuple[int, Json]:
        """The answer to a code, which counts once and for its own client and verifier only."""
        given = base64.b64decode(authorization.removeprefix("Basic ")).decode()
        if [unquote(part) for part in given.split(":")] != [CLIENT_ID, CLIENT_SECRET]:
            return 401, {"error": "invalid_client"}
        begun = self.codes.pop(asked.get("code", ""), None)
        challenge = base64url(hashlib.sha256(asked.get("code_verifier", "").encode()).digest())
        if begun is None or begun["code_challenge"] != challenge or begun["redirect_uri"] != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        now = int(self.clock.now().timestamp())
        claims = {"iss": self.url, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": begun["nonce"]}
        claims = {name: value for name, value in {**claims, **self.person, **self.changes}.items() if value is not None}
        return 200, {"access_token": "opaque", "token_type": "Bearer", "id_token": self.signer(self, claims)}


def _handler(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            provider.asked.append(parts.path)
            if parts.path == "/authorize":
                asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
                self.send_response(302)
                self.send_header("Location", provider.authorize(asked))
                self.end_headers()
            elif parts.path == "/.well-known/openid-configuration":
                self._answer(200, provider.described())
            else:
                self._answer(200, provider.keys())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            asked = {name: values[0] for name, values in parse_qs(body).items()}
            provider.asked.append(self.path)
            self._answer(*provider.token(asked, self.headers.get("Authorization", "")))

        def _answer(self, status: int, document: Json) -> None:
            content = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None: ...

    return Handler


@contextmanager
def running(clock: Clock) -> Iterator[Provider]:
    """A provider on a free port of this machine."""
    provider = Provider(clock)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(provider))
    provider.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
