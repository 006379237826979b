import { answer, api } from './client'
import type { Page, SampleResult, Trial, TrialAnswer } from './types'

/** Calls a component through the gateway, as an app or as oneself. */
export function tryComponent(system: string, stage: string, component: string, body: Trial): Promise<TrialAnswer> {
  return answer(
    api.POST('/v1/systems/{system}/stages/{stage}/components/{component}:try', { params: { path: { system, stage, component } }, body }),
  )
}

/** Calls every sample of the draft and says which were answered as they were recorded. */
export function runSamples(system: string, stage: string): Promise<Page<SampleResult>> {
  return answer(api.POST('/v1/systems/{system}/stages/{stage}:run-samples', { params: { path: { system, stage } } }))
}
