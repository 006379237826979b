import { answer, api } from './client'
import type { LiveView, SigningSettings, SigningView } from './types'

function at(system: string, stage: string) {
  return { params: { path: { system, stage } } }
}

/** How the upstream of a stage knows that the gateway calls; nothing secret. */
export function readSigning(system: string, stage: string): Promise<SigningView> {
  return answer(api.GET('/v1/systems/{system}/stages/{stage}/signing', at(system, stage)))
}

/** A secret that is left out stays as it is kept. */
export function putSigning(system: string, stage: string, body: SigningSettings): Promise<LiveView> {
  return answer(api.PUT('/v1/systems/{system}/stages/{stage}/signing', { ...at(system, stage), body }))
}
