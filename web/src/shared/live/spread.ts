import type { SnapshotView } from '@/api/types'

export interface Spread {
  revision: number
  /** Gateway processes that serve calls now. */
  workers: number
  /** Those among them that serve the newest revision. */
  current: number
  /** Every process serves it, and there is one. */
  live: boolean
}

/** How far the newest configuration has spread. */
export function spreadOf({ revision, workers }: SnapshotView): Spread {
  const current = workers.filter((worker) => worker.revision >= revision).length
  return { revision, workers: workers.length, current, live: workers.length > 0 && current === workers.length }
}
