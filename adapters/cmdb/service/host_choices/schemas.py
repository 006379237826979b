"""What the component of choices of hosts is asked."""

from adapters.cmdb.service.schemas import Asked, Id
from kernel.host_choices import HostChoice


class ResolveHosts(Asked):
    """With `bk_biz_id` every host must belong to that business."""

    bk_biz_id: Id | None = None
    choice: HostChoice
