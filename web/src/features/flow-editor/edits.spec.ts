import { describe, expect, it } from 'vitest'
import type { FlowDefinition, FlowNode } from '@/api/types'
import { appended, connected, duplicated, inserted, moved, tidied, whyNotConnected, withoutEdge, withoutNode } from './edits'

const step = (id: string): FlowNode => ({ id, kind: 'timer', seconds: 1 })
const ways = ({ edges }: FlowDefinition): string[] => edges.map(({ source, target }) => `${source}>${target}`).sort()
const ids = ({ nodes }: FlowDefinition): string[] => nodes.map(({ id }) => id).sort()
const bare: FlowDefinition = { nodes: [{ id: 'start', kind: 'start' }, { id: 'end', kind: 'end' }], edges: [] }
const row: FlowDefinition = { ...bare, edges: [{ id: 'start_end', source: 'start', target: 'end' }] }
const fork: FlowDefinition = {
  nodes: [{ id: 'start', kind: 'start' }, { id: 'fork', kind: 'parallel' }, step('a'), { id: 'meet', kind: 'join' }, { id: 'end', kind: 'end' }],
  edges: ['start>fork', 'fork>a', 'a>meet', 'meet>end'].map((way) => ({ id: way, source: way.split('>')[0] ?? '', target: way.split('>')[1] ?? '' })),
}

describe('a node that is put in', () => {
  it('stands on the edge it was dropped on', () => {
    const drawn = inserted(row, step('a'), { edge: 'start_end' })
    expect(ways(drawn)).toEqual(['a>end', 'start>a'])
    expect(drawn.edges[0], 'the edge keeps what stood on it').toMatchObject({ id: 'start_end', target: 'a' })
  })
  it('stands behind the node that was chosen, before what followed', () => {
    expect(ways(inserted(row, step('a'), { after: 'start' }))).toEqual(['a>end', 'start>a'])
  })
  it('begins a branch behind a fork, and meets the others at its join', () => {
    expect(ways(inserted(fork, step('b'), { after: 'fork' }))).toEqual(['a>meet', 'b>meet', 'fork>a', 'fork>b', 'meet>end', 'start>fork'])
  })
  it('begins a way of its own behind a decision that leads nowhere in common', () => {
    const drawn = inserted(inserted(row, { id: 'how', kind: 'exclusive' }, { after: 'start' }), step('b'), { after: 'how' })
    expect(ways(drawn)).toEqual(['how>b', 'how>end', 'start>how'])
  })
  it('stands by itself where nothing is chosen, and behind an end', () => {
    expect(ways(inserted(row, step('a'), {}))).toEqual(ways(row))
    expect(ways(inserted(row, step('a'), { after: 'end' }))).toEqual(ways(row))
  })
  it('has a place only in a flow whose author places the nodes', () => {
    expect(inserted(row, step('a'), { after: 'start' }).layout).toBeUndefined()
    const placed = moved(row, { start: { x: 0, y: 0 }, end: { x: 400, y: 0 } }, {})
    expect(inserted(placed, step('a'), { after: 'start', at: { x: 5, y: 7 } }).layout?.a).toEqual({ x: 5, y: 7 })
    expect(inserted(placed, step('a'), { after: 'start' }).layout?.a).toEqual({ x: 168, y: 0 })
    const second = inserted(inserted(placed, step('a'), { after: 'start' }), step('b'), { after: 'start' })
    expect(second.layout?.b, 'never over another').toEqual({ x: 168, y: 128 })
    const down = moved(row, {}, { start: { x: 0, y: 0 }, end: { x: 0, y: 400 } })
    expect(inserted(down, step('a'), { after: 'start' }).layout?.a, 'the way the flow runs').toEqual({ x: 0, y: 96 })
    expect(inserted(down, step('a'), {}).layout?.a, 'beneath all others').toEqual({ x: 0, y: 496 })
  })
})

describe('a line that leads back, or is taken on failure', () => {
  const back: FlowDefinition = {
    nodes: [...row.nodes, step('a'), { id: 'how', kind: 'exclusive' }],
    edges: [
      { id: '1', source: 'start', target: 'a' }, { id: '2', source: 'a', target: 'how' }, { id: '3', source: 'how', target: 'end', default: true },
      { id: '4', source: 'how', target: 'a', condition: 'true', limit: 3 }, { id: '5', source: 'a', target: 'end', failure: true },
    ],
  }
  it('keeps its limit where it leads back', () => {
    const drawn = inserted(back, step('b'), { edge: '4' })
    expect(drawn.edges.find(({ id }) => id === '4')).toEqual({ id: '4', source: 'how', target: 'b', condition: 'true' })
    expect(drawn.edges.at(-1)).toMatchObject({ source: 'b', target: 'a', limit: 3 })
    expect(withoutNode(drawn, 'b').edges.at(-1)).toEqual({ id: '4', source: 'how', target: 'a', condition: 'true', limit: 3 })
  })
  it('stays the way on failure when a step is put behind', () => {
    expect(ways(inserted(back, step('b'), { after: 'a' }))).toEqual(['a>b', 'a>end', 'b>how', 'how>a', 'how>end', 'start>a'])
    expect(ways(appended(back, step('b')))).toEqual(['a>end', 'a>how', 'b>end', 'how>a', 'how>b', 'start>a'])
  })
})

describe('what is taken out', () => {
  it('joins what was before and behind a node', () => {
    expect(ways(withoutNode(fork, 'a'))).toEqual(['fork>meet', 'meet>end', 'start>fork'])
  })
  it('joins nothing where several ways met', () => {
    const two = inserted(fork, step('b'), { after: 'fork' })
    expect(ways(withoutNode(two, 'meet'))).toEqual(['fork>a', 'fork>b', 'start>fork'])
  })
  it('joins nothing twice and nothing to itself', () => {
    const loop = connected(inserted(row, step('a'), { after: 'start' }), 'a', 'a')
    expect(ways(loop)).toEqual(['a>end', 'start>a'])
    const beside = connected(inserted(row, step('a'), { after: 'start' }), 'start', 'end')
    expect(ways(withoutNode(beside, 'a'))).toEqual(['start>end'])
  })
  it('leaves no place behind, and an edge can go alone', () => {
    const placed = moved(inserted(row, step('a'), { after: 'start' }), {}, {})
    expect(Object.keys(withoutNode(placed, 'a').layout ?? {})).toEqual(['start', 'end'])
    expect(withoutEdge(row, 'start_end').edges).toEqual([])
  })
})

it('goes on before the end, and begins between start and end', () => {
  expect(ways(appended(bare, step('a')))).toEqual(['a>end', 'start>a'])
  expect(ways(appended(appended(bare, step('a')), step('b')))).toEqual(['a>b', 'b>end', 'start>a'])
  expect(ways(appended(bare, { id: 'other', kind: 'end' }))).toEqual([])
  expect(ids(appended({ nodes: [], edges: [] }, step('a')))).toEqual(['a'])
})

it('says why two nodes are not connected', () => {
  expect(whyNotConnected(fork, 'a', 'a')).toBe('itself')
  expect(whyNotConnected(fork, 'a', 'start')).toBe('intoStart')
  expect(whyNotConnected(fork, 'end', 'a')).toBe('outOfEnd')
  expect(whyNotConnected(fork, 'a', 'meet')).toBe('twice')
  expect(whyNotConnected(fork, 'a', 'end')).toBeNull()
  expect(ways(connected(fork, 'a', 'end'))).toContain('a>end')
})

it('copies a node under an id of its own, with what it does', () => {
  const { definition, copy } = duplicated(duplicated(fork, 'a').definition, 'a_2')
  expect(copy).toBe('a_3')
  expect(ids(definition)).toEqual(['a', 'a_2', 'a_3', 'end', 'fork', 'meet', 'start'])
  expect(definition.nodes.find(({ id }) => id === 'a_3')).toEqual(step('a_3'))
})

it('keeps every place once one node was moved, until it is tidied', () => {
  const placed = moved(row, { start: { x: 1.4, y: 2 }, end: { x: 300, y: 2 } }, { end: { x: 500.6, y: 90 } })
  expect(placed.layout).toEqual({ start: { x: 1, y: 2 }, end: { x: 501, y: 90 } })
  expect(tidied(placed).layout).toBeUndefined()
})
