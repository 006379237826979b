import { expect, it } from 'vitest'
import type { FlowDefinition, NodeState, NodeView } from '@/api/types'
import { directlyInside, nodeAt, stillCounts } from './paths'

const definition: FlowDefinition = {
  nodes: [{ id: 'each', kind: 'map', flow: 'f', revision: 2 }],
  edges: [],
  subflows: {
    'f@2': { nodes: [{ id: 'sub', kind: 'subflow', name: 'Inner', flow: 'g', revision: 1 }], edges: [] },
    'g@1': { nodes: [{ id: 'df', kind: 'plugin' }], edges: [] },
  },
}

it('finds nodes inside nodes by their paths', () => {
  expect(nodeAt(definition, 'each')?.kind).toBe('map')
  expect(nodeAt(definition, 'each[3]')).toMatchObject({ id: 'each[3]', kind: 'map' })
  expect(nodeAt(definition, 'each[3].sub')).toMatchObject({ id: 'each[3].sub', name: 'Inner' })
  expect(nodeAt(definition, 'each[3].sub.df')).toMatchObject({ id: 'each[3].sub.df', kind: 'plugin' })
  expect(nodeAt(definition, 'each[3].gone')).toBeUndefined()
  expect(nodeAt(definition, 'gone')).toBeUndefined()
})

it('tells what ran directly inside a node', () => {
  const view = (id: string): NodeView => ({ node_id: id, state: 'FINISHED', attempt: 1, loop: 1, started_at: null, finished_at: null, error: null, paused: false })
  const nodes = Object.fromEntries(['each', 'each[0]', 'each[0].sub', 'each[0].sub.df', 'eachother', 'eachother.x'].map((id) => [id, view(id)]))
  expect(directlyInside(nodes, 'each').map(({ node_id: id }) => id)).toEqual(['each[0]'])
  expect(directlyInside(nodes, 'each[0]').map(({ node_id: id }) => id)).toEqual(['each[0].sub'])
  expect(directlyInside(nodes, 'each[0].sub.df')).toEqual([])
})

it('tells whether all that a node lies in still runs', () => {
  const view = (id: string, state: NodeState): NodeView => ({ node_id: id, state, attempt: 1, loop: 1, started_at: null, finished_at: null, error: null, paused: false })
  const states: [string, NodeState][] = [['each', 'RUNNING'], ['each[0]', 'RUNNING'], ['each[0].sub', 'SKIPPED'], ['each[0].sub.df', 'FAILED'], ['each[0].top', 'FAILED']]
  const nodes = Object.fromEntries(states.map(([id, state]) => [id, view(id, state)]))
  expect(stillCounts(nodes, 'each[0].sub.df')).toBe(false)
  expect(stillCounts(nodes, 'each[0].top')).toBe(true)
  expect(stillCounts(nodes, 'each')).toBe(true)
  expect(stillCounts(nodes, 'each[4000].top')).toBe(true)
})
