import type { FlowDefinition, FlowNode, NodeKind } from '@/api/types'

/** What can be put into a flow: a kind of node, and for a plugin which. */
export type Piece = { kind: Exclude<NodeKind, 'plugin'> } | { kind: 'plugin'; plugin: string; version: string }

export const KINDS = ['exclusive', 'inclusive', 'parallel', 'join', 'subflow', 'map', 'timer', 'wait', 'confirm', 'approval', 'notify', 'expression', 'start', 'end'] as const

/** What a node of the kind can't be without. */
const FIRST: Partial<Record<NodeKind, Partial<FlowNode>>> = {
  timer: { seconds: 60 },
  expression: { values: {} },
  subflow: { flow: '', inputs: {} },
  map: { flow: '', inputs: {}, items: [], parallel: 1 },
  notify: { title: '', content: '', launcher: true },
}

/** An id that no node of the flow has: what people and references call the node by. */
export function freeId(definition: FlowDefinition, wish: string): string {
  const taken = new Set([...definition.nodes, ...definition.edges].map(({ id }) => id))
  const base = wish.replace(/\W+/g, '_').replace(/^(?=\d)/, '_').slice(0, 40)
  let id = base
  for (let number = 2; taken.has(id); number += 1) id = `${base}_${number}`
  return id
}

export function newNode(definition: FlowDefinition, piece: Piece): FlowNode {
  if (piece.kind === 'plugin') {
    const { plugin, version } = piece
    return { id: freeId(definition, plugin), kind: 'plugin', plugin, version, inputs: {} }
  }
  return { id: freeId(definition, piece.kind), kind: piece.kind, ...FIRST[piece.kind] }
}
