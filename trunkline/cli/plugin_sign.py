"""`trunkline plugin key` and `trunkline plugin sign`: who vouches for a package."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from marketplace.package.errors import PackageRefused
from marketplace.package.package import read_package
from marketplace.package.signatures import public_half, read_private_key
from marketplace.package.signing import sign_archive
from trunkline.cli.client import JsonOption, fail, print_json
from trunkline.cli.plugin_check import problem_lines


def make_key(file: Annotated[Path, typer.Argument(help="Where the private key is written")]) -> None:
    """Make a key to sign with; prints its public half, which installations trust."""
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as output:
            output.write(pem)
    except OSError as error:
        fail(f"{file} can't be written: {error.strerror}")
    typer.echo(public_half(key))


def sign_plugin(
    archive: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="As `plugin pack` writes it")],
    key: Annotated[list[Path], typer.Option(exists=True, dir_okay=False, help="Private key in PEM; may be repeated")],
    as_json: JsonOption = False,
) -> None:
    """Sign a packed plugin, beside the signatures it has already. Its digest stays."""
    keys = private_keys(key)
    try:
        signed = sign_archive(archive.read_bytes(), keys)
    except PackageRefused as refusal:
        fail("\n".join([f"{archive} can't be signed:", *problem_lines(refusal.fields)]))
    archive.write_bytes(signed)
    package, signers = read_package(signed), [public_half(each) for each in keys]
    if as_json:
        print_json({"file": str(archive), "digest": package.digest, "signed_by": signers})
        return
    typer.echo(f"{archive} is signed by {', '.join(signers)}")


def private_keys(paths: Iterable[Path]) -> list[Ed25519PrivateKey]:
    """Ends the command where one is none."""
    keys: list[Ed25519PrivateKey] = []
    for path in paths:
        try:
            keys.append(read_private_key(path.read_bytes()))
        except ValueError as error:
            fail(f"{path} {error}")
    return keys
