import { expect, it } from 'vitest'
import type { FlowEdge } from '@/api/types'
import { settingsOfEdge, withEdgeSettings } from './edgeSettings'

const EDGES: FlowEdge[] = [
  { id: 'a', source: 's', target: 't' },
  { id: 'b', source: 's', target: 't', name: 'many', condition: 'inputs.n > 1' },
  { id: 'c', source: 's', target: 't', default: true },
  { id: 'd', source: 's', target: 't', failure: true, limit: 3 },
]

it.each(EDGES)('leaves an edge as it is where nothing is changed: $id', (edge) => {
  expect(withEdgeSettings(edge, settingsOfEdge(edge))).toEqual(edge)
})

it('has no condition where it is the way that is left', () => {
  const [, edge] = EDGES as [FlowEdge, FlowEdge]
  expect(withEdgeSettings(edge, { ...settingsOfEdge(edge), isDefault: true, name: ' ' })).toEqual({ id: 'b', source: 's', target: 't', default: true })
})
