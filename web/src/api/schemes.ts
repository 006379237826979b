import { answer, api, given } from './client'
import type { Scheme } from './types'

/** `project` is the one that runs a common flow of another. */
export async function listSchemes(flow: string, project?: string): Promise<Scheme[]> {
  return (await answer(api.GET('/v1/flows/{flow}/schemes', { params: { path: { flow }, query: given({ project: project ?? '' }) } }))).items
}

/** A new one, or one that is changed. */
export function saveScheme(flow: string, scheme: string | null, body: { name: string; keep: string[] }): Promise<Scheme> {
  if (scheme === null) return answer(api.POST('/v1/flows/{flow}/schemes', { params: { path: { flow } }, body }))
  return answer(api.PUT('/v1/schemes/{scheme}', { params: { path: { scheme } }, body }))
}

export async function removeScheme(scheme: string): Promise<void> {
  await answer(api.DELETE('/v1/schemes/{scheme}', { params: { path: { scheme } } }))
}

/** What a task runs that is launched by these. */
export async function previewSchemes(flow: string, schemes: string[], revision?: number): Promise<string[]> {
  const body = { schemes, leave_out: [], ...(revision === undefined ? {} : { revision }) }
  const { definition } = await answer(api.POST('/v1/flows/{flow}:preview', { params: { path: { flow } }, body }))
  return (definition.nodes as { id: string }[]).map(({ id }) => id)
}
