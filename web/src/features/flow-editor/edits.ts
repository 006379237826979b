import type { FlowDefinition, FlowEdge, FlowNode } from '@/api/types'
import { isPlacedByAuthor, nodeSize, type Box, type Point } from '@/shared/flow/layout'
import { freeId } from './newNode'

/** Where something new comes to stand: between the ends of an edge, behind a node, or at a point by itself. */
export interface Spot {
  edge?: string
  after?: string
  at?: Point
}

const GAP = 56
const BRANCHING = new Set<FlowNode['kind']>(['exclusive', 'inclusive', 'parallel'])

function withEdge(definition: FlowDefinition, source: string, target: string, more: Partial<FlowEdge> = {}): FlowDefinition {
  const id = freeId(definition, `${source}_${target}`)
  return { ...definition, edges: [...definition.edges, { ...more, id, source, target }] }
}

const leaving = (definition: FlowDefinition, node: string): FlowEdge[] => definition.edges.filter(({ source }) => source === node)
const entering = (definition: FlowDefinition, node: string): FlowEdge[] => definition.edges.filter(({ target }) => target === node)

/** Why no edge can lead from one node to the other; null when one can. */
export function whyNotConnected(definition: FlowDefinition, source: string, target: string): 'itself' | 'twice' | 'intoStart' | 'outOfEnd' | null {
  const kindOf = (id: string) => definition.nodes.find((node) => node.id === id)?.kind
  if (source === target) return 'itself'
  if (kindOf(target) === 'start') return 'intoStart'
  if (kindOf(source) === 'end') return 'outOfEnd'
  return leaving(definition, source).some((edge) => edge.target === target) ? 'twice' : null
}

export function connected(definition: FlowDefinition, source: string, target: string): FlowDefinition {
  return whyNotConnected(definition, source, target) === null ? withEdge(definition, source, target) : definition
}

/** The first join on the way from a node: where its branches come together. */
function meeting(definition: FlowDefinition, from: string): string | null {
  const seen = new Set<string>([from])
  let depth = 0
  for (let at = leaving(definition, from)[0]?.target; at !== undefined && !seen.has(at); at = leaving(definition, at)[0]?.target) {
    seen.add(at)
    const kind = definition.nodes.find(({ id }) => id === at)?.kind
    if (kind === 'parallel' || kind === 'inclusive') depth += 1
    if (kind === 'join' && depth-- === 0) return at
  }
  return null
}

const overlap = (one: Box, other: Box): boolean =>
  one.x < other.x + other.width && other.x < one.x + one.width && one.y < other.y + other.height && other.y < one.y + one.height

/** Where there is room for a node: behind another one the way the flow runs, else the next free place beside that. */
function roomFor(definition: FlowDefinition, node: FlowNode, beside: string | undefined): Point {
  const boxes = definition.nodes.map(({ id, kind }) => ({ id, x: 0, y: 0, ...definition.layout?.[id], ...nodeSize(kind) }))
  const before = boxes.find(({ id }) => id === beside)
  if (before === undefined) return { x: 0, y: Math.max(...boxes.map(({ y, height }) => y + height)) + GAP }
  const spread = (low: 'x' | 'y'): number => Math.max(...boxes.map((box) => box[low])) - Math.min(...boxes.map((box) => box[low]))
  const across = spread('x') >= spread('y')
  const spot: Box = { x: before.x + (across ? before.width + GAP : 0), y: before.y + (across ? 0 : before.height + GAP), ...nodeSize(node.kind) }
  while (boxes.some((box) => overlap(spot, box))) {
    if (across) spot.y += spot.height + GAP
    else spot.x += spot.width + GAP
  }
  return { x: spot.x, y: spot.y }
}

function placed(definition: FlowDefinition, node: FlowNode, at: Point | undefined, beside: string | undefined): FlowDefinition {
  const nodes = [...definition.nodes, node]
  if (!isPlacedByAuthor(definition)) return { ...definition, nodes }
  return { ...definition, nodes, layout: { ...definition.layout, [node.id]: at ?? roomFor(definition, node, beside) } }
}

function withoutLimit(edge: FlowEdge): FlowEdge {
  const rest = { ...edge }
  delete rest.limit
  return rest
}

function split(definition: FlowDefinition, edge: FlowEdge, node: FlowNode, at?: Point): FlowDefinition {
  // How often a line may lead back is said where it does.
  const edges = definition.edges.map((each) => (each.id === edge.id ? withoutLimit({ ...each, target: node.id }) : each))
  const limit = edge.limit === undefined ? {} : { limit: edge.limit }
  return withEdge(placed({ ...definition, edges }, node, at, edge.source), node.id, edge.target, limit)
}

/** The flow with a node at a spot, joined to what is there. Behind a node that branches it begins a branch of its own. */
export function inserted(definition: FlowDefinition, node: FlowNode, { edge: edgeId, after, at }: Spot): FlowDefinition {
  const edge = definition.edges.find(({ id }) => id === edgeId)
  if (edge !== undefined) return split(definition, edge, node, at)
  const before = definition.nodes.find(({ id }) => id === after)
  if (before === undefined || before.kind === 'end') return placed(definition, node, at, undefined)
  const ways = leaving(definition, before.id).filter(({ failure }) => failure !== true)
  const [only] = ways
  if (only !== undefined && ways.length === 1 && !BRANCHING.has(before.kind)) return split(definition, only, node, at)
  const grown = withEdge(placed(definition, node, at, before.id), before.id, node.id)
  const together = BRANCHING.has(before.kind) ? meeting(definition, before.id) : null
  return together === null || node.kind === 'end' ? grown : withEdge(grown, node.id, together)
}

/** The flow with a node before its end: as it is written on; in a flow that has only begun, between start and end. */
export function appended(definition: FlowDefinition, node: FlowNode): FlowDefinition {
  const idOf = (kind: FlowNode['kind']) => definition.nodes.find((each) => each.kind === kind)?.id
  const [start, end] = [idOf('start'), idOf('end')]
  if (end === undefined || node.kind === 'start' || node.kind === 'end') return inserted(definition, node, {})
  const into = entering(definition, end)
  const last = into.find(({ failure }) => failure !== true) ?? into[0]
  if (last !== undefined) return inserted(definition, node, { edge: last.id })
  if (start === undefined || leaving(definition, start).length > 0) return inserted(definition, node, {})
  return withEdge(inserted(definition, node, { after: start }), node.id, end)
}

/** The flow without a node; where one way led in and one out, what was before and behind it is joined. */
export function withoutNode(definition: FlowDefinition, id: string): FlowDefinition {
  const [into, out] = [entering(definition, id), leaving(definition, id)]
  const layout = definition.layout === undefined ? undefined : Object.fromEntries(Object.entries(definition.layout).filter(([node]) => node !== id))
  const rest: FlowDefinition = {
    ...definition,
    nodes: definition.nodes.filter((node) => node.id !== id),
    edges: definition.edges.filter(({ source, target }) => source !== id && target !== id),
    ...(layout === undefined ? {} : { layout }),
  }
  const [before, behind] = [into[0], out[0]]
  if (before === undefined || behind === undefined || into.length > 1 || out.length > 1) return rest
  if (whyNotConnected(rest, before.source, behind.target) !== null) return rest
  const limit = behind.limit === undefined ? {} : { limit: behind.limit }
  return { ...rest, edges: [...rest.edges, { ...before, target: behind.target, ...limit }] }
}

export function withoutEdge(definition: FlowDefinition, id: string): FlowDefinition {
  return { ...definition, edges: definition.edges.filter((edge) => edge.id !== id) }
}

/** A node once more, behind itself. */
export function duplicated(definition: FlowDefinition, id: string): { definition: FlowDefinition; copy: string } {
  const node = definition.nodes.find((each) => each.id === id)
  if (node === undefined) return { definition, copy: id }
  const copy = { ...node, id: freeId(definition, node.id.replace(/_\d+$/, '')) }
  return { definition: inserted(definition, copy, { after: id }), copy: copy.id }
}

/** The flow as its author places it: `all` has where every node stands now. */
export function moved(definition: FlowDefinition, all: Record<string, Point>, places: Record<string, Point>): FlowDefinition {
  const layout = Object.fromEntries(definition.nodes.map(({ id }) => {
    const { x, y } = places[id] ?? all[id] ?? { x: 0, y: 0 }
    return [id, { x: Math.round(x), y: Math.round(y) }]
  }))
  return { ...definition, layout }
}

/** The flow drawn by rank again. */
export function tidied(definition: FlowDefinition): FlowDefinition {
  const rest = { ...definition }
  delete rest.layout
  return rest
}
