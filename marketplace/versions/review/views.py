from collections.abc import Sequence

from kernel.http.field_problems import SaidView, field_problem_views
from marketplace.legacy_forms.conversion import Conversion
from marketplace.legacy_forms.schemas import FormScriptView
from marketplace.package.package import Package
from marketplace.versions.checks import Check, CheckName, CheckResult, completed
from marketplace.versions.review.models import SubmissionRow, reasons_of
from marketplace.versions.review.schemas import (
    CheckReport,
    ReviewCheckView,
    SubmissionChangesView,
    SubmissionPreviewView,
    SubmissionState,
    SubmissionView,
)
from marketplace.versions.review.service import SubmissionChanges
from marketplace.versions.schemas import PluginFormView
from marketplace.versions.storing import manifest_with_form
from marketplace.versions.views import changes_view


def submission_view(row: SubmissionRow) -> SubmissionView:
    return SubmissionView(
        id=row.id,
        code=row.plugin_code,
        version=row.version,
        publisher=row.publisher,
        digest=row.digest,
        channel=row.channel,
        state=SubmissionState(row.state),
        reasons=[SaidView.of(reason) for reason in reasons_of(row)],
        checks=[kept_check_view(check) for check in row.checks],
        submitted_by=row.submitted_by,
        submitted_at=row.submitted_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        comment=row.comment,
    )


def submission_changes_view(changes: SubmissionChanges) -> SubmissionChangesView:
    return SubmissionChangesView(before=changes.before, **dict(changes_view(changes.differences)))


def submission_preview_view(package: Package, form: Conversion | None) -> SubmissionPreviewView:
    """Args:
    form: what the package's form.js became.
    """
    manifest = manifest_with_form(package.manifest, form)
    model = manifest.form_document()
    script = None
    if form is not None:
        script = FormScriptView.model_validate({**form.document(), "form": model, "source": package.form_script})
    return SubmissionPreviewView(
        readme=package.readme,
        inputs=manifest.inputs,
        outputs=manifest.outputs,
        form=PluginFormView.model_validate(model),
        form_script=script,
    )


def report_view(package: Package | None, checks: Sequence[Check]) -> CheckReport:
    """Of a package that could be read, or not."""
    manifest = package.manifest if package is not None else None
    return CheckReport(
        publishable=package is not None and all(check.result is not CheckResult.FAILED for check in checks),
        code=manifest.code if manifest is not None else None,
        version=manifest.version if manifest is not None else None,
        digest=package.digest if package is not None else None,
        checks=[_check_view(check) for check in completed(checks)],
    )


def kept_check_view(kept: dict[str, str]) -> ReviewCheckView:
    """Of a check that was kept with what it let through."""
    return ReviewCheckView(name=CheckName(kept["name"]), result=CheckResult(kept["result"]))


def _check_view(check: Check) -> ReviewCheckView:
    reasons = [SaidView.of(reason) for reason in check.reasons]
    problems = field_problem_views(check.problems)
    return ReviewCheckView(name=check.name, result=check.result, problems=problems, reasons=reasons)
