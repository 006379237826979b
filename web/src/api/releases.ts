import { answer, api } from './client'
import type { MadeRelease, NewRelease, Page, ReleaseDiff, ReleaseView } from './types'

/** Newest first. */
export function listReleases(system: string, cursor: string | null = null, limit = 50): Promise<Page<ReleaseView>> {
  return answer(
    api.GET('/v1/systems/{system}/releases', { params: { path: { system }, query: { limit, cursor: cursor ?? undefined } } }),
  )
}

/** Makes an immutable release of the draft; no stage serves it before it is activated. */
export function createRelease(system: string, body: NewRelease): Promise<MadeRelease> {
  return answer(api.POST('/v1/systems/{system}/releases', { params: { path: { system } }, body }))
}

/** What callers of `release` would meet in `other`: a release, or `draft`. */
export function compareReleases(system: string, release: string, other: string): Promise<ReleaseDiff> {
  return answer(api.GET('/v1/systems/{system}/releases/{release}/diff/{other}', { params: { path: { system, release, other } } }))
}
