"""What a form.js becomes, and what of it became what."""

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from kernel.forms.model import Form
from kernel.wording import Said


class Treatment(StrEnum):
    """What happens with a part of a form.js.

    STATIC: it stands in the form's model.
    SANDBOX: it runs when the form is filled in, shut off from the page.
    FRAME: it draws on a page, which runs as the sandbox does; what it draws is shown in a frame of no origin.
    UNKNOWN: nothing BlueKing's forms have; it is left out.
    """

    STATIC = "static"
    SANDBOX = "sandbox"
    FRAME = "frame"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """One part of a form.js.

    Attributes:
        place: the tag's path, dotted.
        part: `tag`, `attribute hidden`, `event change of biz`, `method _tag_init`, `validation regex`, …
        note: why; None when there is nothing to say.
    """

    place: str
    part: str
    treatment: Treatment
    note: Said | None = None


@dataclass(frozen=True, slots=True)
class Behaviour:
    """A function of a form.

    Attributes:
        part: as in `Finding`.
        uses: as `usage.uses_of` names it.
        source: the function's text.
    """

    place: str
    part: str
    treatment: Treatment
    uses: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Conversion:
    """A form.js in our terms.

    Attributes:
        code: the name it registered itself under.
        codes: the names of all forms of the file.
        form: the model, for all that is static.
        behaviours: what runs, with its text.
        findings: the report, in the order of the form.
        uses: what was used while the form was read.
        texts: what it gave to gettext.
        requests: what it would have asked the outside while it was read; nothing was sent.
    """

    code: str
    codes: tuple[str, ...]
    form: Form
    behaviours: tuple[Behaviour, ...]
    findings: tuple[Finding, ...]
    uses: tuple[str, ...]
    texts: tuple[str, ...]
    requests: tuple[str, ...]

    def counts(self) -> dict[str, int]:
        """How many parts were treated how."""
        found = Counter(finding.treatment for finding in self.findings)
        return {treatment.value: found[treatment] for treatment in Treatment}

    def document(self) -> dict[str, Any]:
        """The whole of it as JSON."""
        return {
            "code": self.code,
            "codes": list(self.codes),
            "form": self.form.document(),
            "behaviours": [
                {
                    "place": b.place,
                    "part": b.part,
                    "treatment": b.treatment.value,
                    "uses": list(b.uses),
                    "source": b.source,
                }
                for b in self.behaviours
            ],
            "report": {
                "counts": self.counts(),
                "findings": [
                    {
                        "place": f.place,
                        "part": f.part,
                        "treatment": f.treatment.value,
                        "note": None if f.note is None else f.note.document(),
                    }
                    for f in self.findings
                ],
                "uses": list(self.uses),
                "texts": list(self.texts),
                "requests": list(self.requests),
            },
        }
