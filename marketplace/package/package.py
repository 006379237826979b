"""A package as a whole."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kernel.forms.bounds import is_storable
from marketplace.package import wordings
from marketplace.package.archive import read_archive, write_archive
from marketplace.package.checksums import digest_of
from marketplace.package.compatibility import Contract, FormTags
from marketplace.package.errors import PackageRefused
from marketplace.package.flow_content import read_flow_content
from marketplace.package.images import screenshots_of
from marketplace.package.limits import (
    CHANGELOG,
    CHECKSUMS,
    CODE,
    DETAIL,
    FLOW,
    FORM_SCRIPT,
    MANIFEST,
    README,
    REQUIREMENTS,
    SIGNATURES,
)
from marketplace.package.manifest import Manifest, PluginKind
from marketplace.package.manifest_check import read_manifest
from marketplace.package.plugin_detail import PluginDetail, read_detail
from marketplace.package.requirements import RequirementsUnfit, read_requirements
from marketplace.package.signatures import Signature, read_signatures


@dataclass(frozen=True, slots=True)
class Package:
    """A package in which everything that can be checked without the registry is right.

    Attributes:
        digest: `sha256:<hex>` of its `CHECKSUMS`.
        archive: the bytes as they came.
        detail: what the code of a Python plugin says of itself.
        screenshots: names of its pictures, in order.
        flow: the flows of a package of kind flow.
        form_script: the text of its form.js, beside the manifest or from that code; empty when it has none.
        signatures: as they stand there; whether they hold is the business of `signatures`.
    """

    manifest: Manifest
    digest: str
    readme: str
    changelog: str
    archive: bytes
    detail: PluginDetail | None = None
    signatures: tuple[Signature, ...] = ()
    form_script: str = ""
    screenshots: tuple[str, ...] = ()
    flow: Mapping[str, Any] | None = None

    def contract(self) -> Contract:
        """What users of this version rely on."""
        return contract_of(self.manifest, self.detail, self.form_script)


def read_package(archive: bytes) -> Package:
    """Unpacks and checks.

    Raises:
        PackageRefused: naming each problem by file or by the manifest's field.
    """
    return package_of(read_archive(archive), archive)


def package_of(files: Mapping[str, bytes], archive: bytes) -> Package:
    """Of an archive that was unpacked; raises as `read_package`."""
    readme, changelog = _text(files, README), _text(files, CHANGELOG)
    detail = read_detail(files[DETAIL]) if DETAIL in files else None
    manifest = read_manifest(files[MANIFEST], detail)
    _check_code(manifest, files)
    flow = _flow(manifest, files)
    signatures = read_signatures(files.get(SIGNATURES, b""))
    script = form_script_of(files, detail)
    digest, pictures = digest_of(files[CHECKSUMS]), screenshots_of(files)
    return Package(manifest, digest, readme, changelog, archive, detail, signatures, script, pictures, flow)


def pack(files: Mapping[str, bytes]) -> Package:
    """Checks what an author wrote and packs it; the same files give the same bytes and digest.

    Raises:
        PackageRefused: as `read_package`.
    """
    return read_package(write_archive(files))


def contract_of(manifest: Manifest, detail: PluginDetail | None, form_script: str) -> Contract:
    context = detail.context_inputs.json_schema() if detail is not None else {}
    return Contract(manifest.inputs, manifest.outputs, context, FormTags.of(form_script))


def form_script_of(files: Mapping[str, bytes], detail: PluginDetail | None) -> str:
    """Raises:
    PackageRefused: it stands where its kind has none, or is no text.
    """
    if detail is None:
        return _text(files, FORM_SCRIPT) if FORM_SCRIPT in files else ""
    if FORM_SCRIPT in files:
        place = f"{CODE}forms/<version>/{FORM_SCRIPT}"
        raise PackageRefused([wordings.OWN_FORM.at(FORM_SCRIPT, place=place)])
    return detail.forms.renderform or ""


def _flow(manifest: Manifest, files: Mapping[str, bytes]) -> dict[str, Any] | None:
    if manifest.kind is PluginKind.FLOW:
        if FLOW not in files:
            raise PackageRefused([wordings.NO_FLOW.at(FLOW)])
        return read_flow_content(files[FLOW], manifest)
    if FLOW in files:
        raise PackageRefused([wordings.OTHER_KIND.at(FLOW, kind=PluginKind.FLOW.value)])
    return None


def _check_code(manifest: Manifest, files: Mapping[str, bytes]) -> None:
    code = [name for name in files if name.startswith(CODE)]
    has_code = f"{CODE}versions/__init__.py" in files
    if manifest.kind is PluginKind.PYTHON and not has_code:
        raise PackageRefused([wordings.NO_CODE.at(f"{CODE}versions")])
    if manifest.kind is not PluginKind.PYTHON and (code or DETAIL in files):
        raise PackageRefused([wordings.OTHER_KIND.at(code[0] if code else DETAIL, kind=PluginKind.PYTHON.value)])
    if manifest.kind is PluginKind.PYTHON:
        _check_requirements(files)


def _check_requirements(files: Mapping[str, bytes]) -> None:
    """What could not be installed is told to the author, not to whoever runs the plugin first."""
    if not files.get(REQUIREMENTS, b"").strip():
        return
    try:
        read_requirements(_text(files, REQUIREMENTS))
    except RequirementsUnfit as unfit:
        raise PackageRefused([unfit.problem]) from unfit


def _text(files: Mapping[str, bytes], name: str) -> str:
    try:
        text = files[name].decode("utf-8")
    except UnicodeDecodeError as error:
        raise PackageRefused([wordings.NOT_UTF_8.at(name, byte=error.start)]) from error
    if not text.strip():
        raise PackageRefused([wordings.EMPTY.at(name)])
    if not is_storable(text):
        raise PackageRefused([wordings.NUL.at(name)])
    return text
