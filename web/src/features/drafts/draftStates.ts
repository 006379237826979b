import type { ReleaseDiff } from '@/api/types'

export type DraftState = 'added' | 'breaking' | 'changed' | 'same'

/** How a component of the draft stands to the newest release. Without a release all are new. */
export function draftState(name: string, diff: ReleaseDiff | null): DraftState {
  if (diff === null || diff.added.includes(name)) return 'added'
  const changed = diff.changed.find((component) => component.name === name)
  if (changed === undefined) return 'same'
  return changed.breaking ? 'breaking' : 'changed'
}

export function isEmpty(diff: ReleaseDiff): boolean {
  return diff.added.length + diff.removed.length + diff.changed.length === 0 && !diff.reordered
}
