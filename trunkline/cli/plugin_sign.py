"""`trunkline plugin key` and `trunkline plugin sign`: who vouches for a package."""

import os
from pathlib import Path
from typing import Annotated

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from marketplace.package.archive import read_archive, write_archive
from marketplace.package.errors import PackageRefused
from marketplace.package.limits import SIGNATURES
from marketplace.package.package import read_package
from marketplace.package.signatures import public_half, read_private_key, render_signatures, sign
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
    try:
        package = read_package(archive.read_bytes())
        files = read_archive(archive.read_bytes())
    except PackageRefused as refusal:
        fail("\n".join([f"{archive} can't be signed:", *problem_lines(refusal.fields)]))
    made = [sign(package.digest, _private_key(path)) for path in key]
    standing = [signature for signature in package.signatures if signature.holds(package.digest)]
    files[SIGNATURES] = render_signatures([*standing, *made])
    archive.write_bytes(write_archive(files))
    signers = [signature.key for signature in made]
    if as_json:
        print_json({"file": str(archive), "digest": package.digest, "signed_by": signers})
        return
    typer.echo(f"{archive} is signed by {', '.join(signers)}")


def _private_key(path: Path) -> Ed25519PrivateKey:
    try:
        return read_private_key(path.read_bytes())
    except ValueError as error:
        fail(f"{path} {error}")
