import type { FlowComparison } from '@/api/types'
import type { Marks } from '@/shared/flow/marks'

/** What the drawing shows: added, removed and changed, by id. */
export function marksOf({ nodes, edges }: FlowComparison): Marks {
  return {
    nodes: Object.fromEntries(nodes.map(({ id, change }) => [id, change])),
    edges: Object.fromEntries(edges.map(({ id, change }) => [id, change])),
  }
}

/** A JSON Pointer as people read places: `inputs › ip`. */
export function placeText(pointer: string): string {
  const names = pointer.split('/').slice(1)
  return names.map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~')).join(' › ')
}

/** A value as it stands in a definition; a text without its quotes. */
export function valueText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2)
}
