import type { FlowDefinition } from '@/api/types'

/**
 * What the drawing says goes, over what the forms beside it have saved: which nodes and edges there are, where edges
 * lead and where nodes stand is the drawing's; everything else of a node or an edge is as it was kept last.
 */
export function withStructure(kept: FlowDefinition, drawn: FlowDefinition): FlowDefinition {
  const nodes = new Map(kept.nodes.map((node) => [node.id, node]))
  const edges = new Map(kept.edges.map((edge) => [edge.id, edge]))
  const rest = { ...kept }
  delete rest.layout
  return {
    ...rest,
    nodes: drawn.nodes.map((node) => nodes.get(node.id) ?? node),
    edges: drawn.edges.map((edge) => ({ ...(edges.get(edge.id) ?? edge), source: edge.source, target: edge.target })),
    ...(drawn.layout === undefined ? {} : { layout: drawn.layout }),
  }
}

/** What of a definition is the drawing's. */
export function structureOf({ nodes, edges, layout }: FlowDefinition): unknown {
  return [nodes.map(({ id }) => id), edges.map(({ id, source, target }) => [id, source, target]), layout ?? null]
}
