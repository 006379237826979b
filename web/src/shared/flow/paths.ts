import type { FlowDefinition, FlowNode, NodeView } from '@/api/types'

/**
 * The node a path names, with the path as its id: `check.df` lies in the subflow `check`, `each[2].df` in the third item
 * of `each`, and `each[2]` is that item.
 */
export function nodeAt(definition: FlowDefinition, path: string): FlowNode | undefined {
  let flow: Pick<FlowDefinition, 'nodes'> | undefined = definition
  let found: FlowNode | undefined
  for (const part of path.split('.')) {
    const id = part.replace(/\[\d+\]$/, '')
    found = flow?.nodes.find((node) => node.id === id)
    if (found === undefined) return undefined
    flow = definition.subflows?.[`${found.flow ?? ''}@${found.revision ?? ''}`]
  }
  return found === undefined ? undefined : { ...found, id: path }
}

/** What a node lies in: a subflow, the item of a loop, or of an item its loop; empty where it lies in the flow itself. */
export function outerOf(path: string): string {
  return path.endsWith(']') ? path.replace(/\[\d+\]$/, '') : path.split('.').slice(0, -1).join('.')
}

/** Whether all it lies in still runs, as far as the task tells: what is over took along what lies in it. */
export function stillCounts(nodes: Record<string, NodeView>, path: string): boolean {
  const outer = outerOf(path)
  return outer === '' || ((nodes[outer]?.state ?? 'RUNNING') === 'RUNNING' && stillCounts(nodes, outer))
}

/** What ran directly inside a node: the nodes of its flow, or the items of its list. */
export function directlyInside(nodes: Record<string, NodeView>, path: string): NodeView[] {
  return Object.values(nodes).filter(({ node_id: id }) => {
    if (!id.startsWith(path)) return false
    const rest = id.slice(path.length)
    return /^\.[^.[]+$/.test(rest) || /^\[\d+\]$/.test(rest)
  })
}

/** Whether something failed inside a node, at whatever depth. */
export function hasFailedInside(nodes: Record<string, NodeView>, path: string): boolean {
  return Object.values(nodes).some(({ node_id: id, state }) => state === 'FAILED' && (id.startsWith(`${path}.`) || id.startsWith(`${path}[`)))
}
