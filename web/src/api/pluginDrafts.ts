import { answer, api, refined } from './client'
import type { DraftCheckView, JsonObject, PluginDraft, SampleAnswer, PluginTrialView } from './types'

/** The texts of a plugin that calls one component. */
export function startDraft(body: { component: string; code: string; publisher: string }): Promise<PluginDraft> {
  return refined<PluginDraft>(api.POST('/v1/plugin-drafts:start', { body }))
}

export function checkDraft(body: PluginDraft): Promise<DraftCheckView> {
  return refined<DraftCheckView>(api.POST('/v1/plugin-drafts:check', { body }))
}

/** What the draft would call, and what it would make of made-up answers. Nothing is sent. */
export function tryDraft(body: { manifest: string; inputs: JsonObject; answers: SampleAnswer[]; callbacks: unknown[] }): Promise<PluginTrialView> {
  return refined<PluginTrialView>(api.POST('/v1/plugin-drafts:try', { body }))
}

/** The draft as a package, a zip archive. */
export function packDraft(body: PluginDraft): Promise<Blob> {
  return answer(api.POST('/v1/plugin-drafts:pack', { body, parseAs: 'blob' })) as unknown as Promise<Blob>
}
