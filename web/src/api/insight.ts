import { answer, api } from './client'
import type { Statistics } from './types'

export const SHEETS = ['days', 'flows', 'plugins', 'nodes'] as const

/** Since a day (UTC), until today. */
export function readStatistics(project: string, since: string): Promise<Statistics> {
  return answer(api.GET('/v1/projects/{project}/statistics', { params: { path: { project }, query: { since } } }))
}

/** Where a table of the same is to be had as CSV. */
export function sheetAddress(project: string, sheet: (typeof SHEETS)[number], since: string): string {
  return `/v1/projects/${encodeURIComponent(project)}/statistics.csv?of=${sheet}&since=${since}`
}

/** Minutes that people need for what the flow does; 0 when nobody knows. */
export async function setByHand(flow: string, minutes: number): Promise<void> {
  await answer(api.PUT('/v1/flows/{flow}/by-hand', { params: { path: { flow } }, body: { minutes } }))
}
