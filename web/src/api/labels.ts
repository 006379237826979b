import { answer, api } from './client'
import type { FlowCopy, Label } from './types'

export async function listLabels(project: string): Promise<Label[]> {
  return (await answer(api.GET('/v1/projects/{project}/labels', { params: { path: { project } } }))).items
}

/** A new one, or one that is changed. */
export function saveLabel(project: string, label: string | null, body: { name: string; colour: string }): Promise<Label> {
  if (label === null) return answer(api.POST('/v1/projects/{project}/labels', { params: { path: { project } }, body }))
  return answer(api.PUT('/v1/labels/{label}', { params: { path: { label } }, body }))
}

export async function removeLabel(label: string): Promise<void> {
  await answer(api.DELETE('/v1/labels/{label}', { params: { path: { label } } }))
}

/** The flow then has exactly these. */
export async function labelFlow(flow: string, labels: string[]): Promise<void> {
  await answer(api.PUT('/v1/flows/{flow}/labels', { params: { path: { flow } }, body: { labels } }))
}

/** Whether the person keeps the flow at hand. */
export async function keepFlow(flow: string, kept: boolean): Promise<void> {
  const options = { params: { path: { flow } } }
  await (kept ? answer(api.PUT('/v1/flows/{flow}/favourite', options)) : answer(api.DELETE('/v1/flows/{flow}/favourite', options)))
}

export function copyFlow(flow: string, body: { name: string; project?: string | null; revision?: number | null }): Promise<FlowCopy> {
  return answer(api.POST('/v1/flows/{flow}:copy', { params: { path: { flow } }, body }))
}
