import type { FlowDefinition, FlowEdge, NodeView } from '@/api/types'

/** What a task made of an edge: it came along, it took another way, or nothing is known yet. */
export type Trace = 'walked' | 'not-taken' | ''

function reached(view: NodeView | undefined): boolean {
  return view !== undefined && view.state !== 'PENDING' && view.state !== 'NOT_TAKEN'
}

/**
 * Which edges a task came along, told from the states of their ends.
 * A decision takes one of its ways. Where several of them lead to nodes that were reached, the one to a node that can
 * only be reached that way was taken; if that does not tell either, none is marked.
 */
export function traceEdges({ nodes, edges }: FlowDefinition, views: Record<string, NodeView>): Record<string, Trace> {
  const kinds = new Map(nodes.map(({ id, kind }) => [id, kind]))
  const entering = (target: string): FlowEdge[] => edges.filter((edge) => edge.target === target)

  function trace(edge: FlowEdge): Trace {
    const from = views[edge.source]?.state
    if (from === 'NOT_TAKEN' || views[edge.target]?.state === 'NOT_TAKEN') return 'not-taken'
    if ((from !== 'FINISHED' && from !== 'SKIPPED') || !reached(views[edge.target])) return ''
    if (kinds.get(edge.source) !== 'exclusive') return 'walked'
    const possible = edges.filter(({ source, target }) => source === edge.source && reached(views[target]))
    if (possible.length === 1) return 'walked'
    const sure = possible.filter(({ target }) => entering(target).length === 1)
    if (sure.length === 0) return ''
    return sure.includes(edge) ? 'walked' : 'not-taken'
  }
  return Object.fromEntries(edges.map((edge) => [edge.id, trace(edge)]))
}
