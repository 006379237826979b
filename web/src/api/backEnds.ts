import { answer, api } from './client'
import type { BackEndSettings, BackEndView, LiveView } from './types'

function at(system: string, stage: string) {
  return { params: { path: { system, stage } } }
}

/** What answers the standard components of a stage; without ways where there is nothing to choose from. */
export function readBackEnd(system: string, stage: string): Promise<BackEndView> {
  return answer(api.GET('/v1/systems/{system}/stages/{stage}/back-end', at(system, stage)))
}

/** Release, address and signing change together. */
export function chooseBackEnd(system: string, stage: string, body: BackEndSettings): Promise<LiveView> {
  return answer(api.PUT('/v1/systems/{system}/stages/{stage}/back-end', { ...at(system, stage), body }))
}
