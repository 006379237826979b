from marketplace.advisories.models import AdvisoryRow
from marketplace.advisories.schemas import AdvisoryView, LocalizedLine, LocalizedLongText, Severity


def advisory_view(row: AdvisoryRow) -> AdvisoryView:
    return AdvisoryView(
        id=row.id,
        plugin=row.plugin_code,
        severity=Severity(row.severity),
        affected=row.affected,
        title=LocalizedLine.model_validate(row.title),
        text=LocalizedLongText.model_validate(row.text),
        published_by=row.published_by,
        published_at=row.published_at,
        withdrawn_by=row.withdrawn_by,
        withdrawn_at=row.withdrawn_at,
        withdrawn_reason=row.withdrawn_reason,
    )
