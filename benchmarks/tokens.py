"""What tokens cost: issued, verified, revoked.

Issued: tokens per second and CPU of the server's process per token, four clients at once that wait for each answer, one
worker, on SQLite and PostgreSQL. A refresh is a commit: the old token is used up and the new one kept. The floor is
one ES256 signature. Verified: a token the data plane sees for the first time, beside joserfc, one it has seen, and one
that is bound to a key, whose proof is checked with each call. Revoked: with four workers, from the moment a person
takes back what he allowed an app until the last of 16 connections is refused, the request and its commit included.
"""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc import jwt
from joserfc.jwk import ECKey

from benchmarks.support.oauth_stand import ACCESS_TOKEN, EXCHANGE, OAuthStand, issue, oauth_stand, revocation
from benchmarks.support.report import Options, Spread, append_line, parse_options, print_table
from gateway.dataplane.call import Call
from gateway.dataplane.headers import InboundHeaders
from gateway.dataplane.steps.identify import Identify
from gateway.dataplane.steps.proofs import OwnAddresses, Proofs
from gateway.oauth.keys.key_pairs import make_pair, open_signer
from gateway.snapshot.model.snapshot import Snapshot, compile_shard
from tests.support.dpop import ProofMaker
from tests.support.postgres import PostgresServer

CLIENTS = 4
CONNECTIONS = 16
ISSUER = "https://gateway.example"
Form = Callable[[dict[str, Any]], dict[str, str]]


def asking(stand: OAuthStand, grant: str) -> tuple[str, list[Form]]:
    """Which app asks, and what each of its clients asks for, given the answer before."""
    if grant == "client credentials":
        own = {"grant_type": "client_credentials", "scope": "cmdb:read"}
        return "shop", [lambda _: own] * CLIENTS
    if grant == "exchange":
        subject = stand.authorize()["access_token"]
        exchanged = {"grant_type": EXCHANGE, "subject_token": subject, "subject_token_type": ACCESS_TOKEN}
        return "bank", [lambda _: exchanged] * CLIENTS
    return "shop", [_refreshing(stand.authorize()["refresh_token"]) for _ in range(CLIENTS)]


def _refreshing(first: str) -> Form:
    return lambda before: {"grant_type": "refresh_token", "refresh_token": before.get("refresh_token", first)}


@contextmanager
def databases() -> Iterator[dict[str, str]]:
    server = PostgresServer.start(durable=True)
    try:
        yield {"SQLite": "", "PostgreSQL": server.url(server.create_database())}
    finally:
        server.stop()


def signature_micros(rounds: int) -> float:
    key, text = generate_private_key(SECP256R1()), b"x" * 400
    return micros(lambda: key.sign(text, ECDSA(SHA256())), rounds)


def micros(work: Callable[[], object], rounds: int) -> float:
    began = time.process_time()
    for _ in range(rounds):
        work()
    return (time.process_time() - began) / rounds * 1e6


class Verification:
    """The data plane's own step, with a token of each kind."""

    def __init__(self) -> None:
        pair = make_pair("ES256")
        signer = open_signer("k", "ES256", pair.private)
        keys = {"kind": "keys", "issuer": ISSUER, "audience": ISSUER,
                "keys": [{"kid": "k", "alg": "ES256", "public_key": pair.public}]}  # fmt: skip
        self._snapshot = Snapshot().with_shards(1, [compile_shard(keys, lambda *_: b"")])
        self._identify = Identify("", Proofs(OwnAddresses(ISSUER)))
        self._maker, self._now = ProofMaker(), time.time()
        now = int(self._now)
        claims = {"iss": ISSUER, "aud": ISSUER, "sub": "shop", "client_id": "shop", "iat": now, "exp": now + 3600,
                  "scope": "cmdb:read"}  # fmt: skip
        self._tokens = (signer.token("at+jwt", claims | {"jti": str(number)}) for number in range(1_000_000))
        self._known = next(self._tokens)
        self._bound = signer.token("at+jwt", claims | {"jti": "b", "cnf": {"jkt": self._maker.thumbprint}})
        self._public = ECKey.import_key(pair.public)

    def cold(self, rounds: int) -> float:
        calls = [self._call(f"Bearer {next(self._tokens)}") for _ in range(rounds)]
        return self._each(calls)

    def cached(self, rounds: int) -> float:
        call = self._call(f"Bearer {self._known}")
        self._identify(call)
        return micros(lambda: self._identify(call), rounds)

    def bound(self, rounds: int) -> float:
        url = f"{ISSUER}/api/cmdb/prod/search"
        return self._each(
            [
                self._call(f"DPoP {self._bound}", self._maker.proof("POST", url, self._now, self._bound))
                for _ in range(rounds)
            ]
        )

    def by_joserfc(self, rounds: int) -> float:
        return micros(lambda: jwt.decode(self._known, self._public, algorithms=["ES256"]), rounds)

    def _each(self, calls: list[Call]) -> float:
        began = time.process_time()
        for call in calls:
            self._identify(call)
        return (time.process_time() - began) / len(calls) * 1e6

    def _call(self, authorization: str, proof: str = "") -> Call:
        kept = {b"authorization": authorization.encode()} | ({b"dpop": proof.encode()} if proof else {})
        call = Call(self._snapshot, None, (), InboundHeaders(kept, []), self._now)  # type: ignore[arg-type]
        call.exchange = _Sent()  # type: ignore[assignment]
        return call


class _Sent:
    """What the proof is checked against of a request."""

    method, raw_path = "POST", b"/api/cmdb/prod/search"


def measure_issuing(folder: Path, options: Options) -> None:
    rounds, each = (3, 50) if options.quick else (9, 200)
    rows = []
    with databases() as urls:
        for database, url in urls.items():
            with oauth_stand(folder / database, url, 1) as stand:
                for grant in ("client credentials", "refresh", "exchange"):
                    issue(stand, *asking(stand, grant), 10)
                    found = [issue(stand, *asking(stand, grant), each) for _ in range(rounds)]
                    cpu, rate = (Spread.of([figures[which] for figures in found]) for which in (0, 1))
                    rows.append((grant, database, str(rate), str(cpu)))
                    for metric, unit, spread in (("tokens", "1/s", rate), ("cpu per token", "ms", cpu)):
                        append_line(
                            options.json_file, bench="tokens", case=f"{grant} on {database}", metric=metric, unit=unit,
                            ours=spread.median, peers={},
                        )  # fmt: skip
    print_table(("grant", "database", "tokens/s: median (quartiles)", "CPU ms a token"), rows)
    print(f"floor: one ES256 signature takes {signature_micros(2000):.0f} µs\n")


def measure_verifying(options: Options) -> None:
    rounds, calls = (5, 500) if options.quick else (21, 2000)
    verification = Verification()
    cases = {
        "first time": verification.cold,
        "first time, joserfc alone": verification.by_joserfc,
        "seen before": verification.cached,
        "bound to a key, with its proof": verification.bound,
    }
    figures = {name: Spread.of([case(calls) for _ in range(rounds)]) for name, case in cases.items()}
    print_table(("token", "CPU µs: median (quartiles)"), [(name, str(spread)) for name, spread in figures.items()])
    print()
    for name, spread in figures.items():
        append_line(
            options.json_file, bench="tokens", case=name, metric="cpu to verify", unit="µs", ours=spread.median,
            peers={"joserfc": figures["first time, joserfc alone"].median},
        )  # fmt: skip


def measure_revoking(folder: Path, options: Options) -> None:
    rounds = 20 if options.quick else 200
    with oauth_stand(folder / "revoking", "", 4) as stand:
        found = sorted(revocation(stand, CONNECTIONS) for _ in range(rounds))
    p99 = found[min(len(found) - 1, round(len(found) * 0.99))]
    head = ("revocations", "median s", "99th percentile s", "longest s")
    print_table(head, [(str(rounds), f"{found[len(found) // 2]:.3f}", f"{p99:.3f}", f"{found[-1]:.3f}")])
    append_line(
        options.json_file, bench="tokens", case="revocation, 4 workers", metric="99th percentile", unit="s", ours=p99,
        peers={},
    )  # fmt: skip


def main() -> None:
    options = parse_options(__doc__ or "")
    with tempfile.TemporaryDirectory(prefix="trunkline-bench-") as name:
        folder = Path(name)
        measure_verifying(options)
        measure_issuing(folder, options)
        measure_revoking(folder, options)


if __name__ == "__main__":
    main()
