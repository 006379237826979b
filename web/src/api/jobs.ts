import { callComponent, componentEventsAddress } from './componentCalls'
import type { LiveView } from './types'

/** The business, or set of businesses, whose jobs are meant. */
export interface Scope {
  bk_scope_type: string
  bk_scope_id: string
}

export interface UsedScope extends Scope {
  job_count: number
  last_create_time: number
}

/** Times are milliseconds since 1970. */
export interface JobSummary extends Scope {
  job_instance_id: number
  name: string
  type: number
  status: number
  operator: string
  job_plan_id: number | null
  create_time: number
  start_time: number | null
  end_time: number | null
  total_time: number | null
}

export interface HostResult {
  bk_host_id: number | null
  bk_cloud_id: number
  ip: string
  status: number
  exit_code: number | null
  error_code: number
  reason: string
  start_time: number | null
  end_time: number | null
  total_time: number | null
}

export interface JobStep {
  step_instance_id: number
  name: string
  type: number
  status: number
  execute_count: number
  start_time: number | null
  end_time: number | null
  total_time: number | null
  approval_message: string
  step_ip_result_list: HostResult[]
}

export interface JobDetail {
  finished: boolean
  job_instance: JobSummary & { reason: string }
  step_instance_list: JobStep[]
}

export interface FileLog {
  mode: number
  src_ip: { ip: string }
  src_path: string
  dest_ip: { ip: string } | null
  dest_path: string
  status: number
  log_content: string
}

/** A further part of a log; with `log_offset` 0 all of it anew. */
export interface LogPart {
  log_content: string
  log_offset: number
}

/** How a host ended. */
export interface LogEnd {
  reason: string
  file_logs: FileLog[]
}

export interface Script {
  id: string
  name: string
  description: string
  script_language: number
  online_script_version_id: number | null
  creator: string
  create_time: number
}

export interface ScriptVersion {
  id: number
  version: string
  version_desc: string
  status: number
  creator: string
  create_time: number
}

export interface Account {
  id: number
  alias: string
  account: string
  port: number
  authentication: string
  sudo_user: string
  jump_ip: string
  jump_account_id: number | null
  last_modify_user: string
  last_modify_time: number
}

export interface JobQuery {
  name?: string
  type?: number
  status?: number
  ip?: string
  job_plan_id?: number
}

/** What a change answers; nothing of it has to travel to gateway processes. */
type Changed = { job_instance_id: number } & Partial<LiveView>

export interface Listed<Item> {
  start: number
  length: number
  total: number
  data: Item[]
}

const LENGTH = 50
const MOST = 200

export const listScopes = (system: string): Promise<UsedScope[]> => callComponent(system, 'get_job_scope_list', {})

export const listJobs = (system: string, scope: Scope, query: JobQuery, start: number): Promise<Listed<JobSummary>> =>
  callComponent(system, 'get_job_instance_list', { ...scope, ...query, start, length: LENGTH })

export const readJob = (system: string, scope: Scope, id: number): Promise<JobDetail> =>
  callComponent(system, 'get_job_instance_status', { ...scope, job_instance_id: id, return_ip_result: true })

/** What the log holds now. */
export const readLog = (system: string, scope: Scope, job: number, step: number, host: HostResult): Promise<LogPart & Pick<LogEnd, 'file_logs'>> =>
  callComponent(system, 'get_job_instance_ip_log', {
    ...scope, job_instance_id: job, step_instance_id: step, bk_cloud_id: host.bk_cloud_id, ip: host.ip,
  })

/** Where a host's log is sent as it grows: `log` events with a LogPart, at last `end` with a LogEnd. */
export const logEventsAddress = (system: string, scope: Scope, job: number, step: number, host: HostResult): string =>
  componentEventsAddress(system, 'follow_job_instance_ip_log', {
    ...scope, job_instance_id: job, step_instance_id: step, bk_cloud_id: host.bk_cloud_id, ip: host.ip,
  })

export const terminateJob = (system: string, scope: Scope, id: number): Promise<Changed> =>
  callComponent(system, 'operate_job_instance', { ...scope, job_instance_id: id, operation_code: 1 })

export const operateStep = (system: string, scope: Scope, job: number, step: number, operation: number): Promise<Changed> =>
  callComponent(system, 'operate_step_instance', { ...scope, job_instance_id: job, step_instance_id: step, operation_code: operation })

export const listScripts = (system: string, scope: Scope, name: string, start: number): Promise<Listed<Script>> =>
  callComponent(system, 'get_script_list', { ...scope, ...(name !== '' && { name }), start, length: LENGTH })

export const listVersions = (system: string, scope: Scope, script: string): Promise<Listed<ScriptVersion>> =>
  callComponent(system, 'get_script_version_list', { ...scope, script_id: script, length: MOST })

export const readVersion = (system: string, scope: Scope, id: number): Promise<ScriptVersion & { content: string }> =>
  callComponent(system, 'get_script_version_detail', { ...scope, id })

export const listAccounts = (system: string, scope: Scope): Promise<Listed<Account>> =>
  callComponent(system, 'get_account_list', { ...scope, length: MOST })

/** A file that somebody uploaded to distribute it; `path` is what orders and plugins name it by. */
export interface UploadedFile {
  id: string
  path: string
  file_name: string
  size: number
  is_complete: boolean
  creator: string
  create_time: number
}

export interface Cron {
  id: number
  name: string
  job_plan_id: number
  status: number
  expression: string
  execute_time: number | null
  time_zone: string
  last_modify_user: string
  next_time: number | null
  last_time: number | null
  last_job_instance_id: number | null
  last_problem: string
}

export const STARTED = 1
export const PAUSED = 2

type ChangedCron = Cron & Partial<LiveView>

export const listFiles = (system: string, scope: Scope, name: string, start: number): Promise<Listed<UploadedFile>> =>
  callComponent(system, 'get_local_file_list', { ...scope, ...(name !== '' && { file_name: name }), start, length: LENGTH })

export const deleteFile = (system: string, scope: Scope, id: string): Promise<{ id: string } & Partial<LiveView>> =>
  callComponent(system, 'delete_local_file', { ...scope, id })

/** One piece of a file; the first has a name, each further one the id that the first answered. */
export const uploadPiece = (
  system: string, scope: Scope, piece: { content: string; is_last: boolean; offset: number } & ({ file_name: string } | { id: string }),
): Promise<UploadedFile & Partial<LiveView>> => callComponent(system, 'upload_local_file', { ...scope, ...piece })

export const listCrons = (system: string, scope: Scope, name: string, start: number): Promise<Listed<Cron>> =>
  callComponent(system, 'get_cron_list', { ...scope, ...(name !== '' && { name }), start, length: LENGTH })

export const setCronStatus = (system: string, scope: Scope, id: number, status: number): Promise<ChangedCron> =>
  callComponent(system, 'update_cron_status', { ...scope, id, status })
