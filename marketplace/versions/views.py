from marketplace.package.manifest import Manifest
from marketplace.versions.models import PluginVersionRow
from marketplace.versions.schemas import FormView, PluginVersionView


def version_view(row: PluginVersionRow, manifest: Manifest) -> PluginVersionView:
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
        form=FormView.model_validate(manifest.form_document()),
        scopes=manifest.scopes,
        components=manifest.components(),
        readme=row.readme,
        changelog=row.changelog,
        published_at=row.published_at,
        published_by=row.published_by,
    )
