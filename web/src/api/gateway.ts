import { answer, api } from './client'
import type { SnapshotView } from './types'

/** The newest published configuration, and which of it every gateway process serves. */
export function readSnapshot(): Promise<SnapshotView> {
  return answer(api.GET('/v1/gateway/snapshot'))
}
