import { callComponent } from './componentCalls'
import type { ScriptInfo } from './jobPlans'
import type { Scope } from './jobs'
import type { LiveView } from './types'

/** Nothing of a change has to travel to gateway processes. */
type Changed<Answer> = Answer & Partial<LiveView>

/** A version of a script; it never changes. `content` is the script in base64. */
export interface NewVersion {
  content: string
  version: string
  version_desc: string
}

export interface NewScript extends NewVersion {
  name: string
  description: string
  script_language: number
}

export interface VersionMade {
  /** Of the version. */
  id: number
  script_id: string
}

export const createScript = (system: string, scope: Scope, script: NewScript): Promise<Changed<VersionMade>> =>
  callComponent(system, 'create_script', { ...scope, ...script })

export const createVersion = (system: string, scope: Scope, script_id: string, version: NewVersion): Promise<Changed<VersionMade>> =>
  callComponent(system, 'create_script_version', { ...scope, script_id, ...version })

/** It takes the place of the one that is online. */
export const publishVersion = (system: string, scope: Scope, script_id: string, script_version_id: number): Promise<Changed<VersionMade>> =>
  callComponent(system, 'publish_script_version', { ...scope, script_id, script_version_id })

/** No job runs it any more. */
export const disableVersion = (system: string, scope: Scope, script_id: string, script_version_id: number): Promise<Changed<VersionMade>> =>
  callComponent(system, 'disable_script_version', { ...scope, script_id, script_version_id })

export const executeScript = (system: string, scope: Scope, script: ScriptInfo, task_name: string): Promise<Changed<{ job_instance_id: number }>> => {
  const { script_timeout, account, server, ...what } = script
  return callComponent(system, 'fast_execute_script', {
    ...scope, ...what, task_name, timeout: script_timeout, target_server: server, account_id: account.id, account_alias: account.alias,
  })
}
