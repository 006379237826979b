import { answer, api } from './client'
import type { ActivationView, CanaryStatus, LiveView, NewStage, Page, StageChange } from './types'

interface Served extends LiveView {
  release: string
}

function at(system: string, stage: string) {
  return { params: { path: { system, stage } } }
}

export function createStage(system: string, body: NewStage): Promise<LiveView> {
  return answer(api.POST('/v1/systems/{system}/stages', { params: { path: { system } }, body }))
}

export function changeStage(system: string, stage: string, body: StageChange): Promise<LiveView> {
  return answer(api.PATCH('/v1/systems/{system}/stages/{stage}', { ...at(system, stage), body }))
}

export function removeStage(system: string, stage: string): Promise<LiveView> {
  return answer(api.DELETE('/v1/systems/{system}/stages/{stage}', at(system, stage)))
}

export function activateRelease(system: string, stage: string, release: string, comment: string): Promise<LiveView> {
  return answer(api.POST('/v1/systems/{system}/stages/{stage}:activate', { ...at(system, stage), body: { release, comment } }))
}

/** Has the stage serve what it served before; tells which release that is. */
export function rollBack(system: string, stage: string, comment: string): Promise<Served> {
  return answer(api.POST('/v1/systems/{system}/stages/{stage}:rollback', { ...at(system, stage), body: { comment } }))
}

/** What the stage has served, newest first. */
export function listActivations(system: string, stage: string, cursor: string | null): Promise<Page<ActivationView>> {
  const { params } = at(system, stage)
  return answer(
    api.GET('/v1/systems/{system}/stages/{stage}/activations', { params: { ...params, query: { limit: 20, cursor: cursor ?? undefined } } }),
  )
}

export interface CanaryCallers {
  /** Per cent of the callers. */
  share: number
  apps: string[]
}

/** The canary, and how often each release was called since it began. */
export function readCanary(system: string, stage: string): Promise<CanaryStatus> {
  return answer(api.GET('/v1/systems/{system}/stages/{stage}/canary', at(system, stage)))
}

export function startCanary(system: string, stage: string, release: string, callers: CanaryCallers): Promise<LiveView> {
  return answer(api.POST('/v1/systems/{system}/stages/{stage}/canary', { ...at(system, stage), body: { release, ...callers } }))
}

export function changeCanary(system: string, stage: string, callers: CanaryCallers): Promise<LiveView> {
  return answer(api.PATCH('/v1/systems/{system}/stages/{stage}/canary', { ...at(system, stage), body: callers }))
}

export function promoteCanary(system: string, stage: string, comment: string): Promise<Served> {
  return answer(api.POST('/v1/systems/{system}/stages/{stage}/canary:promote', { ...at(system, stage), body: { comment } }))
}

export function endCanary(system: string, stage: string): Promise<LiveView> {
  return answer(api.DELETE('/v1/systems/{system}/stages/{stage}/canary', at(system, stage)))
}
