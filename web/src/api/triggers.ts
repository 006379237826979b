import { answer, api, given } from './client'
import type { MadeTrigger, Page, TriggerChange, TriggerInput, TriggerRun, TriggerTrial, TriggerView } from './types'

export function listTriggers(project: string, flow: string): Promise<Page<TriggerView>> {
  return answer(api.GET('/v1/projects/{project}/triggers', { params: { path: { project }, query: { ...given({ flow }), limit: 200 } } }))
}

export function createTrigger(flow: string, body: TriggerInput): Promise<MadeTrigger> {
  return answer(api.POST('/v1/flows/{flow}/triggers', { params: { path: { flow } }, body }))
}

/** What it would make of something that comes; nothing is kept or started. */
export function tryTrigger(flow: string, trigger: TriggerInput, sample: unknown): Promise<TriggerTrial> {
  return answer(api.POST('/v1/flows/{flow}/triggers:try', { params: { path: { flow } }, body: { trigger, sample } }))
}

/** The person becomes its owner. */
export function changeTrigger(trigger: string, body: TriggerChange): Promise<TriggerView> {
  return answer(api.PUT('/v1/triggers/{trigger}', { params: { path: { trigger } }, body }))
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
