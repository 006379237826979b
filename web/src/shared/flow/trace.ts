import type { FlowDefinition, FlowEdge, NodeState, NodeView } from '@/api/types'

/** What a task made of an edge: it came along, it took another way, or nothing is known yet. */
export type Trace = 'walked' | 'not-taken' | ''

const OVER = new Set<NodeState>(['FINISHED', 'SKIPPED', 'IGNORED'])

function reached(view: NodeView | undefined): boolean {
  return view !== undefined && view.state !== 'PENDING' && view.state !== 'NOT_TAKEN'
}

/**
 * Which edges a task came along, told from the states of their ends.
 * A decision takes one of its ways, or some. Where several of them lead to nodes that were reached, the one to a node that can
 * only be reached that way was taken; if that does not tell either, none is marked.
 */
export function traceEdges({ nodes, edges }: FlowDefinition, views: Record<string, NodeView>): Record<string, Trace> {
  const kinds = new Map(nodes.map(({ id, kind }) => [id, kind]))
  const entering = (target: string): FlowEdge[] => edges.filter((edge) => edge.target === target)

  // Who hands his failures on and failed went that way, and not the usual one.
  const handled = (source: string): boolean =>
    views[source]?.state === 'IGNORED' && edges.some((edge) => edge.source === source && edge.failure === true)

  function trace(edge: FlowEdge): Trace {
    const from = views[edge.source]?.state
    if (from === 'NOT_TAKEN' || views[edge.target]?.state === 'NOT_TAKEN') return 'not-taken'
    if (!OVER.has(from ?? 'PENDING') || !reached(views[edge.target])) return ''
    if (edge.failure === true) return from === 'IGNORED' ? 'walked' : 'not-taken'
    if (kinds.get(edge.source) !== 'exclusive') return handled(edge.source) ? 'not-taken' : 'walked'
    const possible = edges.filter(({ source, target }) => source === edge.source && reached(views[target]))
    if (possible.length === 1) return 'walked'
    const sure = possible.filter(({ target }) => entering(target).length === 1)
    if (sure.length === 0) return ''
    return sure.includes(edge) ? 'walked' : 'not-taken'
  }
  return Object.fromEntries(edges.map((edge) => [edge.id, trace(edge)]))
}
