"""What is said of packages and manifests that can't be published."""

from typing import Final

from kernel.wording import Wordings

PACKAGES: Final = Wordings("package")
_package = PACKAGES.add
_REPACK: Final = "Pack it again with `trunkline plugin pack`"
_LEAVE_OUT: Final = "Leave out what isn't needed"
DAMAGED = _package("damaged", "can't be unpacked: it is damaged", _REPACK)
NOT_PACKED = _package(
    "not_packed",
    "is a project of bk-plugin-framework that was not packed",
    "Its code has to run to tell its inputs, and this server runs none that nobody installed: where the file is, "
    "`trunkline plugin publish FILE.zip --publisher NAME` packs and publishes it; `trunkline plugin pack` packs alone",
)
NOTHING_SENT = _package("nothing", "is empty", "Send the package's zip as the body")
LARGE = _package("large", "is larger than {limit} bytes", _LEAVE_OUT)
NO_ZIP = _package("zip", "is no zip, or has a comment or other bytes behind it", _REPACK)
SPLIT = _package("split", "is split, or has a comment", _REPACK)
MANY_FILES = _package("files", "lists {count} files; a package has at most {limit}", _LEAVE_OUT)
STRAY_BYTES = _package("bytes", "holds bytes that belong to no file", _REPACK)
OVERLAP = _package("overlap", "has files that overlap", _REPACK)
UNPACKS_LARGE = _package("unpacked", "unpacks to more than {limit} bytes", _LEAVE_OUT)
SPECIAL = _package("special_file", "is a link or another special file", "Put the file itself in")
ENCRYPTED = _package("encrypted", "is encrypted", "Pack it without a password")
COMPRESSION = _package("compression", "is compressed in a way that isn't accepted", "Use deflate, or store it")
RATIO = _package("ratio", "unpacks to more than {limit} times its size", "Write less repetition")
NO_FILE = _package(
    "file",
    "is no file of a package",
    "Pack the plugin's folder with `trunkline plugin pack`. A package holds {allowed}",
)
TWICE = _package("twice", "is there twice", "Leave one out")
MISSING_FILE = _package("missing", "is missing", "Add it; `trunkline plugin new` shows what a package holds")
LARGE_FILE = _package("large_file", "is larger than {limit} bytes", "Shorten it")
LENGTH = _package("length", "is not as long as the archive says", _REPACK)
CHECKSUM = _package("checksum", "does not match the package's files", _REPACK)
OWN_FORM = _package("form_script", "belongs to the code of a Python plugin", "Move it to {place}")
NO_FLOW = _package("flow", "is missing", "Publish a flow from its page, or `trunkline flow share`")
OTHER_KIND = _package("kind", "belongs into packages of kind {kind}", "Leave it out, or change the kind")
NO_CODE = _package("code", "is missing", "A Python plugin has its versions there")
NOT_UTF_8 = _package("utf_8", "is not UTF-8 at byte {byte}", "Save it as UTF-8")
EMPTY = _package("empty", "is empty", "Write what a user must know")
NUL = _package("nul", "holds a NUL character", "Save it as plain text")
SCREENSHOTS = _package("screenshots", "is one of more than {limit}", "Leave some out")
PICTURE = _package("picture", "is no picture of type {type}", "Save it as what its name says")
NO_DETAIL = _package("detail", "is missing", "Pack it with `trunkline plugin pack`")
UNREADABLE_DETAIL = _package("detail_unreadable", "can't be read: {why}", "Pack it again with `trunkline plugin pack`")
SIGNATURES = _package("signatures", "holds more than {limit} signatures", "Leave some out")
NO_SIGNATURE = _package("signature", "is no signature", "Sign the package again")
NO_REQUIREMENT = _package("requirement", "{line} is no requirement", "Leave it out")
NOT_PINNED = _package(
    "pinned", "{line} is not pinned with its hashes", "Write it with `uv pip compile --generate-hashes`"
)
_SIGN: Final = "Sign it with `trunkline plugin sign`, by a key that is trusted here"
WRONG_SIGNATURE = _package("wrong_signature", "the signature by {key} is not of this package", _SIGN)
UNTRUSTED = _package("untrusted", "is signed by no key that is trusted here", _SIGN)
UNSIGNED = _package("unsigned", "is not signed", _SIGN)
OTHER_HAND = _package("signer", "is signed by none of the keys that signed {version}", "Sign it with one of {keys}")
OTHER_HAND_THAN_EVER = _package(
    "signer_ever", "is signed by none of the keys that signed this plugin", "Sign it with one of {keys}"
)

MANIFESTS: Final = Wordings("manifest")
_manifest = MANIFESTS.add
NO_OBJECT = _manifest("document", "must be an object", "Begin with code, version and kind")
MISSING = _manifest("missing", "is missing", "Add it")
UNKNOWN = _manifest("unknown", "is not part of a manifest", "Leave it out, or correct its name")
NO_TEXT = _manifest("text", "must be a text", "Quote it")
NO_NAMES = _manifest("object", "must be an object", "Give values by name")
NO_LIST = _manifest("list", "must be a list", "Give a list")
EMPTY_TEXT = _manifest("empty", "is empty", "Write something")
IN_CODE = _manifest("in_code", "stands in the code of a Python plugin", "Leave it out")
CODES_VERSION = _manifest(
    "code_version",
    "the code's is {version}, published as {published}",
    "Pack it again, with the version that is to be published",
)
NO_PART = _manifest("kind", "is no part of a plugin of kind {kind}", "Leave it out")
NO_FORM_PART = _manifest("form", "is not part of a form", "Leave it out")
NO_VERSION = _manifest("version", "is no semantic version", "Write it like 1.0.0 or 1.1.0-rc.1")
BUILD = _manifest("build", "has build metadata, which doesn't tell versions apart", "Leave out + and on")
NO_RANGE = _manifest("range", "can't be read: {why}", "Write it like >=1.0.0 <2.0.0")
REPEATED = _manifest("repeated", "{name} stands there twice", "Leave one out")
SECRET_IN_ADDRESS = _manifest("secret", "puts the secret inputs.{name} into the address", "Send it in the body")

MAPPINGS: Final = Wordings("mapping")
_mapping = MAPPINGS.add
NO_CALL = _mapping("call", "is missing", "Add it, or several calls as steps")
BESIDE_STEPS = _mapping("beside_steps", "stands beside steps", "Move it into one of them")
EARLY_CALLBACK = _mapping(
    "early_callback",
    "stands before other steps, and a callback doesn't tell for which step it is",
    "Poll there, or make it the last",
)
CANCELS_NOTHING = _mapping("cancel", "cancels what has ended with its call", "Leave it out, or describe poll")
NO_OUTPUT = _mapping("output", "is not declared in outputs.properties", "Declare it there, or leave it out")
NO_TEMPLATE = _mapping("template", "{why}, at character {position}", "Write ${name.path}")
NO_CONDITION = _mapping("condition", "{why}, at character {position}", "Write a condition in CEL")
UNKNOWN_NAME = _mapping("name", "{name} is not known here", "Known are {known}")
UNKNOWN_NAME_AT = _mapping("name_at", "{name} is not known here, at character {position}", "Known are {known}")
UNDECLARED = _mapping("undeclared", "{name} is not declared", "{root} has {known}")
UNDECLARED_AT = _mapping("undeclared_at", "{name} is not declared, at character {position}", "{root} has {known}")
UNASKED_CALLBACK = _mapping(
    "unasked_callback", "waits for a callback nobody is asked for", "Put ${call.callback_url} into the call"
)
UNAWAITED_CALLBACK = _mapping(
    "unawaited_callback", "hands over ${call.callback_url}, but waits for no callback", "Describe callback"
)

FLOWS: Final = Wordings("flow_package")
_flow = FLOWS.add
_ANEW: Final = "Publish it anew from the flow's page"
FLOW_NO_JSON = _flow("syntax", "is no JSON", _ANEW)
FLOW_FORMAT = _flow("format", "has another format than {format}", _ANEW)
FLOW_FLOWS = _flow("flows", "must be an object", _ANEW)
FLOW_UNKNOWN = _flow("unknown", "is not part of it", "Leave it out")
FLOW_NAME = _flow("name", "has no name, or one that is too long", _ANEW)
FLOW_NODES = _flow("nodes", "has no list of nodes", _ANEW)
FLOW_INSIDE = _flow("inside", "runs {flow}, which is not there", _ANEW)
FLOW_PLUGIN = _flow("plugin", "{plugin} is missing, which {node} runs", "Name it")
FLOW_RANGE = _flow("range", "{plugin} {version} lies outside {range}", "Widen the range")
FLOW_UNUSED = _flow("unused", "no node runs {plugin}", "Leave it out")
