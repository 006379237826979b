import { Graph, layout } from '@dagrejs/dagre'
import type { FlowDefinition, NodeKind } from '@/api/types'

export interface Point {
  x: number
  y: number
}
export interface Box extends Point {
  width: number
  height: number
}
/** Which way a flow runs: to the right, or down. */
export type Direction = 'LR' | 'TB'

export interface Drawing {
  direction: Direction
  nodes: Record<string, Box>
  /** The way of each edge around the nodes between its ends, and where its label stands; absent where the author placed the nodes. */
  edges: Record<string, { points: Point[]; label: Point | null }>
  width: number
  height: number
}

const LABEL_HEIGHT = 22
const LETTER_WIDTH = 6.6

const STEPS = new Set<NodeKind>(['plugin', 'timer', 'wait', 'confirm', 'approval', 'notify', 'expression', 'subflow', 'map'])

/** Whether a node does something that takes time or can fail, and is drawn with room to say so. */
export function isStep(kind: NodeKind): boolean {
  return STEPS.has(kind)
}

/** Drawn size of a node, in pixels. */
export function nodeSize(kind: NodeKind): { width: number; height: number } {
  if (isStep(kind)) return { width: 216, height: 72 }
  if (kind === 'start' || kind === 'end') return { width: 112, height: 40 }
  return { width: 168, height: 46 }
}

/** Whether the author placed every node; half a layout is worse than none. */
export function isPlacedByAuthor({ nodes, layout: places }: FlowDefinition): boolean {
  return places !== undefined && nodes.length > 0 && nodes.every(({ id }) => id in places)
}

function asPlaced(definition: FlowDefinition): Drawing {
  const nodes = Object.fromEntries(
    definition.nodes.map(({ id, kind }) => [id, { x: 0, y: 0, ...definition.layout?.[id], ...nodeSize(kind) }]),
  )
  const boxes = Object.values(nodes)
  const left = Math.min(...boxes.map(({ x }) => x))
  const top = Math.min(...boxes.map(({ y }) => y))
  const width = Math.max(...boxes.map((box) => box.x + box.width)) - left
  const height = Math.max(...boxes.map((box) => box.y + box.height)) - top
  return { direction: width >= height ? 'LR' : 'TB', nodes, edges: {}, width, height }
}

/** Where an edge leaves and enters a box. */
function port({ x, y, width, height }: Box, direction: Direction, leaving: boolean): Point {
  if (direction === 'LR') return { x: leaving ? x + width : x, y: y + height / 2 }
  return { x: x + width / 2, y: leaving ? y + height : y }
}

function inRanks(definition: FlowDefinition, labels: Record<string, string>, direction: Direction): Drawing {
  const graph = new Graph({ multigraph: true })
  graph.setGraph({ rankdir: direction, nodesep: 36, edgesep: 24, ranksep: direction === 'LR' ? 56 : 40 })
  for (const { id, kind } of definition.nodes) graph.setNode(id, nodeSize(kind))
  const known = new Set(definition.nodes.map(({ id }) => id))
  const edges = definition.edges.filter(({ source, target }) => known.has(source) && known.has(target))
  for (const { id, source, target } of edges) {
    const label = labels[id] ?? ''
    const size = label === '' ? { width: 0, height: 0 } : { width: label.length * LETTER_WIDTH + 16, height: LABEL_HEIGHT }
    graph.setEdge(source, target, { ...size, labelpos: 'c' }, id)
  }
  layout(graph)
  const nodes: Record<string, Box> = {}
  for (const { id } of definition.nodes) {
    const { x, y, width, height } = graph.node(id) as Box
    nodes[id] = { x: x - width / 2, y: y - height / 2, width, height }
  }
  const ways: Drawing['edges'] = {}
  for (const { id, source, target } of edges) {
    const { points, x, y } = graph.edge(source, target, id) as { points: Point[]; x?: number; y?: number }
    const from = nodes[source]
    const to = nodes[target]
    if (from === undefined || to === undefined) continue
    ways[id] = {
      points: [port(from, direction, true), ...points.slice(1, -1), port(to, direction, false)],
      label: x === undefined || y === undefined ? null : { x, y },
    }
  }
  const { width, height } = graph.graph() as { width?: number; height?: number }
  return { direction, nodes, edges: ways, width: width ?? 1, height: height ?? 1 }
}

function scale({ width, height }: Drawing, room: { width: number; height: number }): number {
  return Math.min(room.width / width, room.height / height, 1)
}

/**
 * Draws a flow: as its author placed it, else in ranks, running whichever way is easier to read in the room there is.
 * @param labels what stands on each edge, by edge id
 * @param room in pixels
 */
export function drawFlow(definition: FlowDefinition, labels: Record<string, string>, room: { width: number; height: number }): Drawing {
  if (isPlacedByAuthor(definition)) return asPlaced(definition)
  const across = inRanks(definition, labels, 'LR')
  const enough = 0.8
  if (scale(across, room) >= enough) return across
  const down = inRanks(definition, labels, 'TB')
  return scale(down, room) > scale(across, room) ? down : across
}

/** A smooth line through the points, leaving and entering them in the direction of the flow. */
export function smoothPath(points: Point[], direction: Direction): string {
  const [first, ...rest] = points
  if (first === undefined) return ''
  let from = first
  let path = `M${first.x},${first.y}`
  for (const to of rest) {
    const middle = direction === 'LR' ? (from.x + to.x) / 2 : (from.y + to.y) / 2
    path +=
      direction === 'LR'
        ? ` C${middle},${from.y} ${middle},${to.y} ${to.x},${to.y}`
        : ` C${from.x},${middle} ${to.x},${middle} ${to.x},${to.y}`
    from = to
  }
  return path
}
