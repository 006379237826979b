import { describe, expect, it } from 'vitest'
import type { FlowDefinition } from '@/api/types'
import { nodeSize, placeNodes } from './layout'

const flow: FlowDefinition = {
  nodes: [
    { id: 'start', kind: 'start' },
    { id: 'a', kind: 'plugin' },
    { id: 'b', kind: 'plugin' },
    { id: 'end', kind: 'end' },
  ],
  edges: [
    { id: 'e1', source: 'start', target: 'a' },
    { id: 'e2', source: 'start', target: 'b' },
    { id: 'e3', source: 'a', target: 'end' },
    { id: 'e4', source: 'b', target: 'end', name: 'a long label' },
    { id: 'e5', source: 'b', target: 'gone' },
  ],
}

describe('placeNodes', () => {
  it('lays ranks from left to right without overlap', () => {
    const at = placeNodes(flow)
    const right = (id: string) => (at[id]?.x ?? 0) + (at[id]?.width ?? 0)
    expect(right('start')).toBeLessThan(at.a?.x ?? 0)
    expect(right('b')).toBeLessThan(at.end?.x ?? 0)
    expect(Math.abs((at.a?.y ?? 0) - (at.b?.y ?? 0))).toBeGreaterThanOrEqual(nodeSize('plugin').height)
  })

  it('keeps the places an author gave', () => {
    const places = { start: { x: 1, y: 2 }, a: { x: 3, y: 4 }, b: { x: 5, y: 6 }, end: { x: 7, y: 8 } }
    expect(placeNodes({ ...flow, layout: places }).a).toMatchObject({ x: 3, y: 4 })
  })

  it('lays out afresh when a place is missing', () => {
    expect(placeNodes({ ...flow, layout: { a: { x: 300, y: 4 } } }).a?.x).not.toBe(300)
  })
})
