import { answer, api, refined } from './client'
import type { AppliedManifest, BluekingDocument, JsonObject, ManifestPlan } from './types'

/** Where a browser gets a whole system as one YAML document, without secrets. */
export function exportAddress(system: string): string {
  return `/v1/systems/${encodeURIComponent(system)}/export?format=yaml`
}

/** What an apply of the document would change; changes nothing. */
export function planSystem(system: string, document: JsonObject): Promise<ManifestPlan> {
  return answer(api.POST('/v1/systems/{system}:plan', { params: { path: { system } }, body: document as never }))
}

/** Makes the system what the document says, all of it or nothing. */
export function applySystem(system: string, document: JsonObject): Promise<AppliedManifest> {
  return answer(api.POST('/v1/systems/{system}:apply', { params: { path: { system } }, body: document as never }))
}

export interface BluekingFiles {
  name: string
  definition: string
  resources: string
  variables: Record<string, string>
}

/** BlueKing's two files as one document; nothing is changed. */
export function documentFromBlueking(files: BluekingFiles): Promise<BluekingDocument> {
  return refined<BluekingDocument>(api.POST('/v1/systems:from-blueking', { body: files }))
}
