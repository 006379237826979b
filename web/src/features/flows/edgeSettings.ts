import type { FlowEdge, NodeKind } from '@/api/types'

/** What the settings of an edge show: empty texts and null stand for what is not set. */
export interface EdgeSettings {
  name: string
  condition: string
  isDefault: boolean
  failure: boolean
  limit: number | null
}

export function settingsOfEdge(edge: FlowEdge): EdgeSettings {
  return { name: edge.name ?? '', condition: edge.condition ?? '', isDefault: edge.default ?? false, failure: edge.failure ?? false, limit: edge.limit ?? null }
}

/** Whether edges that leave a node of the kind are taken by condition. */
export function decides(kind: NodeKind | undefined): boolean {
  return kind === 'exclusive' || kind === 'inclusive'
}

export function withEdgeSettings({ id, source, target }: FlowEdge, { name, condition, isDefault, failure, limit }: EdgeSettings): FlowEdge {
  return {
    id,
    source,
    target,
    ...(name.trim() === '' ? {} : { name: name.trim() }),
    ...(isDefault ? { default: true } : condition.trim() === '' ? {} : { condition: condition.trim() }),
    ...(failure ? { failure: true } : {}),
    ...(limit === null ? {} : { limit }),
  }
}
