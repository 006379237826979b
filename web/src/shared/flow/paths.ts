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
