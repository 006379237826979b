import { callComponent } from './componentCalls'
import type { GivenVariable } from './jobPlans'
import type { Cron, Scope } from './jobs'
import type { LiveView } from './types'

/** Without `id` a new one. `execute_time`, in seconds since 1970, is for once; a rule is for again and again. */
export interface CronContent {
  id?: number
  name: string
  job_plan_id: number
  status: number
  time_zone: string
  expression?: string
  execute_time?: number
  /** A sealed one that is only named keeps its value. */
  global_var_list?: GivenVariable[]
}

/** Of sealed variables the values are left out. */
export const readCron = (system: string, scope: Scope, id: number): Promise<Cron & { global_var_list: GivenVariable[] }> =>
  callComponent(system, 'get_cron_detail', { ...scope, id })

export const saveCron = (system: string, scope: Scope, cron: CronContent): Promise<Cron & Partial<LiveView>> =>
  callComponent(system, 'save_cron', { ...scope, ...cron })

/** What it has executed stays. */
export const deleteCron = (system: string, scope: Scope, id: number): Promise<{ id: number } & Partial<LiveView>> =>
  callComponent(system, 'delete_cron', { ...scope, id })
