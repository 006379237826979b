import { Graph, layout } from '@dagrejs/dagre'
import type { FlowDefinition, FlowNode, NodeKind } from '@/api/types'

export interface Box {
  x: number
  y: number
  width: number
  height: number
}

/** Drawn size of a node, in pixels. */
export function nodeSize(kind: NodeKind): { width: number; height: number } {
  if (kind === 'plugin') return { width: 212, height: 76 }
  if (kind === 'start' || kind === 'end') return { width: 92, height: 40 }
  return { width: 138, height: 48 }
}

/** Whether the author placed every node; half a layout is worse than none. */
function placedByAuthor({ nodes, layout: places }: FlowDefinition): boolean {
  return places !== undefined && nodes.length > 0 && nodes.every(({ id }) => id in places)
}

/** Where each node of a flow stands: as its author placed it, else in ranks from left to right. */
export function placeNodes(definition: FlowDefinition): Record<string, Box> {
  if (placedByAuthor(definition)) {
    return Object.fromEntries(
      definition.nodes.map(({ id, kind }) => [id, { x: 0, y: 0, ...definition.layout?.[id], ...nodeSize(kind) }]),
    )
  }
  const graph = new Graph({ multigraph: true })
  graph.setGraph({ rankdir: 'LR', nodesep: 34, ranksep: 62, marginx: 8, marginy: 8 })
  graph.setDefaultEdgeLabel(() => ({}))
  for (const { id, kind } of definition.nodes) graph.setNode(id, nodeSize(kind))
  const known = new Set(definition.nodes.map(({ id }) => id))
  for (const { id, source, target, condition, name, default: otherwise } of definition.edges) {
    if (!known.has(source) || !known.has(target)) continue
    const label = name ?? condition ?? (otherwise === true ? 'otherwise' : '')
    graph.setEdge(source, target, { width: Math.min(200, label.length * 6.4), height: label === '' ? 0 : 22, labelpos: 'c' }, id)
  }
  layout(graph)
  return Object.fromEntries(
    definition.nodes.map((node: FlowNode) => {
      const { x, y, width, height } = graph.node(node.id) as Box
      return [node.id, { x: x - width / 2, y: y - height / 2, width, height }]
    }),
  )
}
