import { expect, it } from 'vitest'
import type { FlowDefinition, NodeState, NodeView } from '@/api/types'
import { traceEdges } from './trace'

const flow: FlowDefinition = {
  nodes: [
    { id: 'start', kind: 'start' },
    { id: 'ask', kind: 'exclusive' },
    { id: 'mail', kind: 'plugin' },
    { id: 'end', kind: 'end' },
  ],
  edges: [
    { id: 'in', source: 'start', target: 'ask' },
    { id: 'full', source: 'ask', target: 'mail' },
    { id: 'fine', source: 'ask', target: 'end', default: true },
    { id: 'out', source: 'mail', target: 'end' },
  ],
}
function views(states: Record<string, NodeState>): Record<string, NodeView> {
  return Object.fromEntries(
    Object.entries(states).map(([id, state]) => [id, { node_id: id, state, attempt: 1, loop: 1, started_at: null, finished_at: null, error: null, paused: false }]),
  )
}

it('marks nothing beyond where the task is', () => {
  const traced = traceEdges(flow, views({ start: 'FINISHED', ask: 'RUNNING', mail: 'PENDING', end: 'PENDING' }))
  expect(traced).toEqual({ in: 'walked', full: '', fine: '', out: '' })
})

it('marks the way past a node that was not taken', () => {
  const traced = traceEdges(flow, views({ start: 'FINISHED', ask: 'FINISHED', mail: 'NOT_TAKEN', end: 'FINISHED' }))
  expect(traced).toEqual({ in: 'walked', full: 'not-taken', fine: 'walked', out: 'not-taken' })
})

it('does not mark the other way to a node that was reached through the one taken', () => {
  const traced = traceEdges(flow, views({ start: 'FINISHED', ask: 'FINISHED', mail: 'SKIPPED', end: 'FINISHED' }))
  expect(traced).toEqual({ in: 'walked', full: 'walked', fine: 'not-taken', out: 'walked' })
})

it('marks neither of two ways to the same node', () => {
  const twice = { ...flow, edges: [...flow.edges.slice(0, 1), { id: 'a', source: 'ask', target: 'end' }, { id: 'b', source: 'ask', target: 'end' }] }
  const traced = traceEdges(twice, views({ start: 'FINISHED', ask: 'FINISHED', end: 'FINISHED' }))
  expect(traced).toMatchObject({ a: '', b: '' })
})

it('marks the way for failures where a step failed and handed it on, and only there', () => {
  const mended: FlowDefinition = {
    nodes: [{ id: 'a', kind: 'plugin' }, { id: 'mend', kind: 'plugin' }, { id: 'end', kind: 'end' }],
    edges: [
      { id: 'on', source: 'a', target: 'end' },
      { id: 'bad', source: 'a', target: 'mend', failure: true },
      { id: 'back', source: 'mend', target: 'end' },
    ],
  }
  expect(traceEdges(mended, views({ a: 'IGNORED', mend: 'FINISHED', end: 'FINISHED' }))).toEqual({ on: 'not-taken', bad: 'walked', back: 'walked' })
  expect(traceEdges(mended, views({ a: 'FINISHED', mend: 'NOT_TAKEN', end: 'FINISHED' }))).toEqual({ on: 'walked', bad: 'not-taken', back: 'not-taken' })
})
