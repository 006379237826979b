import { answer, api } from './client'
import type { Page, Use } from './types'

/** Which apps called which components over the last days, the most called first. */
export function readUsage(system: string, days: number): Promise<Page<Use>> {
  return answer(api.GET('/v1/systems/{system}/usage', { params: { path: { system }, query: { days } } }))
}
