import { answer, api, given } from './client'
import type { MadeTrigger, Page, TriggerChange, TriggerInput, TriggerRun, TriggerTrial, TriggerView } from './types'

export function listTriggers(project: string, flow: string): Promise<Page<TriggerView>> {
  return answer(api.GET('/v1/projects/{project}/triggers', { params: { path: { project }, query: { ...given({ flow }), limit: 200 } } }))
}

/** `project` is the one that runs a common flow of another. */
export function createTrigger(flow: string, body: TriggerInput, project?: string): Promise<MadeTrigger> {
  return answer(api.POST('/v1/flows/{flow}/triggers', { params: { path: { flow }, query: given({ project: project ?? '' }) }, body }))
}

/** What it would make of something that comes; nothing is kept or started. */
export function tryTrigger(flow: string, trigger: TriggerInput, sample: unknown, project?: string): Promise<TriggerTrial> {
  return answer(api.POST('/v1/flows/{flow}/triggers:try', { params: { path: { flow }, query: given({ project: project ?? '' }) }, body: { trigger, sample } }))
}

/** The person becomes its owner; refused when somebody changed it since `version`. */
export function changeTrigger(trigger: string, body: TriggerChange, version: number): Promise<TriggerView> {
  return answer(api.PUT('/v1/triggers/{trigger}', { params: { path: { trigger } }, body: { ...body, version } }))
}

export function switchTrigger(trigger: string, enabled: boolean): Promise<TriggerView> {
  const options = { params: { path: { trigger } } }
  return answer(enabled ? api.POST('/v1/triggers/{trigger}:enable', options) : api.POST('/v1/triggers/{trigger}:disable', options))
}

/** The old secret is worth nothing from then on. */
export function rotateTriggerSecret(trigger: string): Promise<MadeTrigger> {
  return answer(api.POST('/v1/triggers/{trigger}:rotate-secret', { params: { path: { trigger } } }))
}

export async function removeTrigger(trigger: string): Promise<void> {
  await answer(api.DELETE('/v1/triggers/{trigger}', { params: { path: { trigger } } }))
}

export function listTriggerRuns(trigger: string): Promise<Page<TriggerRun>> {
  return answer(api.GET('/v1/triggers/{trigger}/runs', { params: { path: { trigger }, query: { limit: 100 } } }))
}
