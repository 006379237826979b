import { describe, expect, it } from 'vitest'
import type { FlowDefinition } from '@/api/types'
import { drawFlow, nodeSize, smoothPath, type Box } from './layout'

const flow: FlowDefinition = {
  nodes: [
    { id: 'start', kind: 'start' },
    { id: 'ask', kind: 'exclusive' },
    { id: 'a', kind: 'plugin' },
    { id: 'b', kind: 'plugin' },
    { id: 'end', kind: 'end' },
  ],
  edges: [
    { id: 'e1', source: 'start', target: 'ask' },
    { id: 'e2', source: 'ask', target: 'a' },
    { id: 'e3', source: 'a', target: 'b' },
    { id: 'past', source: 'ask', target: 'end', default: true },
    { id: 'e5', source: 'b', target: 'end' },
    { id: 'lost', source: 'b', target: 'gone' },
  ],
}
const wide = { width: 2000, height: 600 }
const tall = { width: 500, height: 2000 }
const none: Box = { x: NaN, y: NaN, width: 0, height: 0 }

describe('drawFlow', () => {
  it('runs to the right where there is room, each rank after the one before', () => {
    const { direction, nodes } = drawFlow(flow, {}, wide)
    expect(direction).toBe('LR')
    const { start = none, a = none, b = none } = nodes
    expect(start.x + start.width).toBeLessThan(a.x)
    expect(a.x + a.width).toBeLessThan(b.x)
  })

  it('runs down where the room is tall', () => {
    const { direction, nodes } = drawFlow(flow, {}, tall)
    const { a = none, b = none } = nodes
    expect(direction).toBe('TB')
    expect(a.y + a.height).toBeLessThan(b.y)
  })

  it('leads an edge around the nodes between its ends, and ends it at their borders', () => {
    const { edges, nodes } = drawFlow(flow, { past: 'otherwise' }, wide)
    const { a = none, ask = none, end = none } = nodes
    const points = edges.past?.points ?? []
    expect(points[0]).toEqual({ x: ask.x + ask.width, y: ask.y + ask.height / 2 })
    expect(points.at(-1)).toEqual({ x: end.x, y: end.y + end.height / 2 })
    const passing = points.filter(({ x }) => x > a.x && x < a.x + a.width)
    expect(passing.length).toBeGreaterThan(0)
    expect(passing.every(({ y }) => y < a.y || y > a.y + a.height)).toBe(true)
    expect(edges.past?.label).not.toBeNull()
  })

  it('leaves out an edge that leads nowhere', () => {
    expect(Object.keys(drawFlow(flow, {}, wide).edges)).not.toContain('lost')
  })

  it('keeps the places an author gave to all nodes, and only those', () => {
    const layout = Object.fromEntries(flow.nodes.map(({ id }, index) => [id, { x: index * 10, y: 7 }]))
    expect(drawFlow({ ...flow, layout }, {}, wide).nodes.a).toEqual({ x: 20, y: 7, ...nodeSize('plugin') })
    expect(drawFlow({ ...flow, layout: { a: { x: 999, y: 0 } } }, {}, wide).nodes.a?.x).not.toBe(999)
  })
})

describe('smoothPath', () => {
  it('goes through all points', () => {
    const points = [{ x: 0, y: 0 }, { x: 10, y: 4 }, { x: 30, y: 4 }]
    expect(smoothPath(points, 'LR')).toBe('M0,0 C5,0 5,4 10,4 C20,4 20,4 30,4')
    expect(smoothPath(points.slice(0, 2), 'TB')).toBe('M0,0 C0,2 10,2 10,4')
    expect(smoothPath([], 'LR')).toBe('')
  })
})
