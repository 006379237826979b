import { callComponent } from './componentCalls'
import type { Scope } from './jobs'
import type { LiveView } from './types'

/** Nothing of a change has to travel to gateway processes. */
type Changed<Answer> = Answer & Partial<LiveView>

/** Which hosts are meant. Of a plan also `variable`, whose hosts are meant then. */
export interface Servers {
  variable?: string
  host_id_list?: number[]
  ip_list?: { bk_cloud_id: number; ip: string }[]
  topo_node_list?: object[]
  dynamic_group_list?: object[]
}

export interface AccountName {
  id?: number | null
  alias?: string | null
}

export const TEXT = 1
export const HOSTS = 3
export const SEALED = 4

/** Of a sealed text the value never comes back: `has_value` tells whether there is one. */
export interface PlanVariable {
  id?: number
  name: string
  type: number
  description: string
  required: number | boolean
  value?: string | null
  has_value?: boolean
  server?: Servers | null
}

export interface ScriptInfo {
  script_content?: string | null
  script_id?: string | null
  script_version_id?: number | null
  script_language: number
  script_param: string
  script_timeout: number
  is_param_sensitive: boolean
  account: AccountName
  server: Servers
}

export interface FileSource {
  file_list: string[]
  account: AccountName
  server: Servers
}

export interface FileInfo {
  file_source_list: FileSource[]
  file_destination: { path: string; account: AccountName; server: Servers }
  timeout: number
  transfer_mode: number | string
}

export const SCRIPT = 1
export const FILES = 2
export const APPROVAL = 3

export interface PlanStep {
  name: string
  type: number
  script_info?: ScriptInfo | null
  file_info?: FileInfo | null
  approval_info?: { approval_message: string } | null
}

export interface PlanSummary {
  id: number
  name: string
  description: string
  version: number
  creator: string
  last_modify_user: string
  last_modify_time: number
}

export interface PlanContent {
  name: string
  description: string
  global_var_list: PlanVariable[]
  step_list: PlanStep[]
}

export type PlanDetail = PlanSummary & PlanContent

export interface PlanVersion {
  version: number
  creator: string
  create_time: number
}

/** A value for one run: of hosts `server`, of any other variable `value`. */
/** By its name or its id. */
export interface GivenVariable {
  id?: number
  name?: string
  value?: string
  server?: Servers
}

interface Listed<Item> {
  total: number
  data: Item[]
}

export const PLANS_A_PAGE = 50
const MOST = 200

export const listPlans = (system: string, scope: Scope, name: string, start: number): Promise<Listed<PlanSummary>> =>
  callComponent(system, 'get_job_plan_list', { ...scope, ...(name !== '' && { name }), start, length: PLANS_A_PAGE })

/** An earlier version, or the one that is run. */
export const readPlan = (system: string, scope: Scope, id: number, version?: number): Promise<PlanDetail> =>
  callComponent(system, 'get_job_plan_detail', { ...scope, job_plan_id: id, ...(version !== undefined && { version }) })

export const listPlanVersions = (system: string, scope: Scope, id: number): Promise<Listed<PlanVersion>> =>
  callComponent(system, 'get_job_plan_version_list', { ...scope, job_plan_id: id, length: MOST })

export const createPlan = (system: string, scope: Scope, plan: PlanContent): Promise<Changed<{ job_plan_id: number; version: number }>> =>
  callComponent(system, 'create_job_plan', { ...scope, ...plan })

/** Keeps a further version; a sealed text without a value keeps the one it has. */
export const updatePlan = (system: string, scope: Scope, id: number, plan: PlanContent): Promise<Changed<{ job_plan_id: number; version: number }>> =>
  callComponent(system, 'update_job_plan', { ...scope, job_plan_id: id, ...plan })

export const deletePlan = (system: string, scope: Scope, id: number): Promise<Changed<{ job_plan_id: number }>> =>
  callComponent(system, 'delete_job_plan', { ...scope, job_plan_id: id })

export const executePlan = (system: string, scope: Scope, id: number, values: GivenVariable[]): Promise<Changed<{ job_instance_id: number }>> =>
  callComponent(system, 'execute_job_plan', { ...scope, job_plan_id: id, global_var_list: values })
