"""What later versions are compared with is kept, and for versions of before it was kept read from their packages."""

from sqlalchemy import update

from kernel.principal import Principal, PrincipalKind
from marketplace.package.archive import write_archive
from marketplace.package.limits import FLOW, FORM_SCRIPT
from marketplace.package.package import read_package
from marketplace.versions.models import PluginArchiveRow, PluginVersionRow
from marketplace.versions.promises import promise_of
from tests.support.marketplace import MarketplaceHouse
from tests.support.packages import FIND_HOST, files_of, manifest_of

ADMIN = Principal(PrincipalKind.USER, "admin", is_admin=True)
FORM = b"$.atoms.find_host = [{tag_code: 'ip', type: 'input'}, {tag_code: 'biz', type: 'input'}]"
WITHOUT_BIZ = FORM.replace(b", {tag_code: 'biz', type: 'input'}", b"")


async def test_what_users_rely_on_is_kept_and_else_read_from_the_package(house: MarketplaceHouse) -> None:
    package = read_package(write_archive({**files_of(FIND_HOST), FORM_SCRIPT: FORM}))
    later = read_package(write_archive({**files_of(manifest_of(FIND_HOST, version="1.0.1")), FORM_SCRIPT: WITHOUT_BIZ}))
    async with house.database.unit_of_work() as session:
        await house.unit.publishing.publish(session, ADMIN, package)
    for kept in (True, False):
        async with house.database.unit_of_work() as session:
            if not kept:
                await session.execute(update(PluginVersionRow).values(promises=None))
            promise = await promise_of(session, "find_host", "1.0.0", house.unit.manifests)
            assert (promise.manifest.code, promise.contract) == ("find_host", package.contract())
            checks = await house.unit.publishing.examine(session, ADMIN, later)
        (problem,) = [problem for check in checks for problem in check.problems]
        assert (problem.field, problem.problem) == ("form", "has no biz any more")
        assert problem.remedy == "Raise 1.0.0 by a major step"


async def test_a_version_is_compared_with_that_would_be_refused_by_now(house: MarketplaceHouse) -> None:
    package = read_package(write_archive({**files_of(FIND_HOST), FORM_SCRIPT: FORM}))
    refused_now = write_archive({**files_of(FIND_HOST), FORM_SCRIPT: FORM, FLOW: b"{}"})
    async with house.database.unit_of_work() as session:
        await house.unit.publishing.publish(session, ADMIN, package)
        await session.execute(update(PluginVersionRow).values(promises=None))
        await session.execute(update(PluginArchiveRow).values(content=refused_now))
        promise = await promise_of(session, "find_host", "1.0.0", house.unit.manifests)
    assert promise.contract == package.contract()
