import { answer, api } from './client'
import type { Page, ReleaseView } from './types'

/** Newest first. */
export function listReleases(system: string, cursor: string | null = null, limit = 50): Promise<Page<ReleaseView>> {
  return answer(
    api.GET('/v1/systems/{system}/releases', { params: { path: { system }, query: { limit, cursor: cursor ?? undefined } } }),
  )
}
