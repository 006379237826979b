from datetime import datetime

from kernel.http.field_problems import SaidView
from marketplace.advisories.views import advisory_view
from marketplace.package.change import Step
from marketplace.package.differences import Differences
from marketplace.package.manifest import Manifest
from marketplace.versions.details import VersionDetails
from marketplace.versions.models import VersionStandingRow
from marketplace.versions.schemas import (
    Deprecation,
    KeptCheck,
    PluginChangeView,
    PluginFormView,
    PluginVersionView,
    VersionChangesView,
    Yank,
)


def changes_view(found: Differences) -> VersionChangesView:
    return VersionChangesView(
        added_scopes=list(found.added),
        removed_scopes=list(found.removed),
        new_components=list(found.components),
        changes=[
            PluginChangeView(place=change.place, what=SaidView.of(change.what), breaks=change.step is Step.MAJOR)
            for change in found.changes
        ],
        changelog=found.changelog,
    )


def version_view(found: VersionDetails, manifest: Manifest) -> PluginVersionView:
    row, standing = found.version, found.standing
    return PluginVersionView(
        code=row.plugin_code,
        version=row.version,
        digest=row.digest,
        name=manifest.name,
        description=manifest.description,
        kind=manifest.kind,
        publisher=manifest.publisher,
        tags=manifest.tags,
        inputs=manifest.inputs,
        outputs=manifest.outputs,
        form=PluginFormView.model_validate(manifest.form_document()),
        scopes=manifest.scopes,
        components=manifest.components(),
        readme=row.readme,
        changelog=row.changelog,
        published_at=row.published_at,
        published_by=row.published_by,
        channel=standing.channel,
        yank=_yank(standing, standing.yanked_at),
        deprecation=Deprecation.model_validate(found.deprecation) if found.deprecation else None,
        signers=standing.signers,
        downloads=standing.downloads,
        screenshots=standing.screenshots,
        requires=manifest.requires.trunkline if manifest.requires is not None else None,
        checks=[KeptCheck.model_validate(check) for check in standing.checks],
        advisories=[advisory_view(advisory) for advisory in found.advisories],
    )


def _yank(standing: VersionStandingRow, at: datetime | None) -> Yank | None:
    if at is None:
        return None
    return Yank(message=standing.yank_message or "", by=standing.yanked_by or "", at=at)
