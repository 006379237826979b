from adapters.job.service.crons.endpoints import register_cron_components
from adapters.job.service.crons.firing import LONGEST_SECONDS, CronFiring
from adapters.job.service.crons.repository import CronRepository
from adapters.job.service.crons.service import CronService
from adapters.job.service.plans.service import PlanService
from kernel.alarm import Alarm
from kernel.http.component_app import ComponentApp
from kernel.services import KernelServices


def build_crons(app: ComponentApp, kernel: KernelServices, plans: PlanService) -> Alarm:
    """Registers the components; what is due is executed while the answered alarm runs."""
    repository = CronRepository()
    alarm = Alarm("job crons", CronFiring(kernel, repository, plans).fire_due, longest=LONGEST_SECONDS)
    register_cron_components(app, CronService(repository, plans, kernel.secrets, kernel.clock, alarm.ring))
    return alarm
