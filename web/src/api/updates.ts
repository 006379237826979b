import { answer, api, given } from './client'
import type { FlowUpdate, FlowUpdateOutcome } from './types'

/** Of all flows of a project. */
export async function listUpdates(project: string): Promise<FlowUpdate[]> {
  const found: FlowUpdate[] = []
  let cursor: string | null | undefined
  do {
    const page: { items: FlowUpdate[]; next?: string | null } = await answer(
      api.GET('/v1/projects/{project}/updates', { params: { path: { project }, query: { ...given({ cursor }), limit: 50 } } }),
    )
    found.push(...page.items)
    cursor = page.next
  } while (cursor)
  return found
}

export async function listFlowUpdates(flow: string): Promise<FlowUpdate[]> {
  return (await answer(api.GET('/v1/flows/{flow}/updates', { params: { path: { flow } } }))).items
}

export async function applyUpdates(project: string, updates: FlowUpdate[], publish: boolean, together: boolean, comment: string): Promise<FlowUpdateOutcome[]> {
  const steps = updates.map(({ flow_id, of, name, before, after }) => ({ flow_id, of, name, before, after }))
  const body = { updates: steps, publish, together, comment }
  return (await answer(api.POST('/v1/projects/{project}/updates:apply', { params: { path: { project } }, body }))).items
}
