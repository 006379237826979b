import { expect, it } from 'vitest'
import type { FlowDefinition } from '@/api/types'
import { structureOf, withStructure } from './structure'

const kept: FlowDefinition = {
  nodes: [{ id: 'start', kind: 'start' }, { id: 'a', kind: 'timer', seconds: 9, name: 'Kept' }],
  edges: [{ id: 'e', source: 'start', target: 'a', name: 'go', condition: 'true' }],
  outputs: { x: '1' },
  layout: { start: { x: 0, y: 0 }, a: { x: 9, y: 0 } },
}

it('leaves to the forms what is theirs, and takes from the drawing what is its own', () => {
  const drawn: FlowDefinition = {
    nodes: [{ id: 'a', kind: 'timer', seconds: 1 }, { id: 'b', kind: 'end' }],
    edges: [{ id: 'e', source: 'a', target: 'b' }, { id: 'f', source: 'b', target: 'a' }],
  }
  expect(withStructure(kept, drawn)).toEqual({
    nodes: [kept.nodes[1], { id: 'b', kind: 'end' }],
    edges: [{ id: 'e', source: 'a', target: 'b', name: 'go', condition: 'true' }, { id: 'f', source: 'b', target: 'a' }],
    outputs: { x: '1' },
  })
})

it('is the same as long as only settings change', () => {
  const changed = { ...kept, nodes: kept.nodes.map((node) => ({ ...node, name: 'Other' })), edges: kept.edges.map((edge) => ({ ...edge, condition: 'false' })) }
  expect(structureOf(changed)).toEqual(structureOf(kept))
  expect(structureOf({ ...kept, layout: {} })).not.toEqual(structureOf(kept))
  expect(structureOf({ ...kept, edges: [] })).not.toEqual(structureOf(kept))
})
