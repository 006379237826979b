import { answer, api } from './client'
import type { JsonObject, LastInputs, LaunchReview, SavedInputs } from './types'

export async function listSavedInputs(flow: string): Promise<SavedInputs[]> {
  const { items } = await answer(api.GET('/v1/flows/{flow}/saved-inputs', { params: { path: { flow } } }))
  return items
}

export function saveInputs(flow: string, body: { name: string; inputs: JsonObject; shared: boolean }): Promise<SavedInputs> {
  return answer(api.POST('/v1/flows/{flow}/saved-inputs', { params: { path: { flow } }, body }))
}

export function replaceSavedInputs(id: string, body: { name: string; inputs: JsonObject; shared: boolean }): Promise<SavedInputs> {
  return answer(api.PUT('/v1/saved-inputs/{saved_inputs}', { params: { path: { saved_inputs: id } }, body }))
}

export async function removeSavedInputs(id: string): Promise<void> {
  await api.DELETE('/v1/saved-inputs/{saved_inputs}', { params: { path: { saved_inputs: id } } })
}

/** What the person launched the flow with last, if he ever did. */
export async function readLastInputs(flow: string): Promise<LastInputs | null> {
  return (await answer(api.GET('/v1/flows/{flow}/last-inputs', { params: { path: { flow } } }))) ?? null
}

/** What a launch lacks, and what its steps would be given. */
export function reviewLaunch(flow: string, body: { inputs: JsonObject; name?: string; revision?: number; schemes: string[]; leave_out: string[]; project?: string }): Promise<LaunchReview> {
  return answer(api.POST('/v1/flows/{flow}:review', { params: { path: { flow } }, body }))
}
