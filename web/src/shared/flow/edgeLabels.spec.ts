import { expect, it } from 'vitest'
import { edgeLabel } from './edgeLabels'

const words = { otherwise: 'otherwise', failure: 'on failure' }
const edge = { id: 'e', source: 'a', target: 'b' }

it('prefers the name, then the condition, then the default', () => {
  expect(edgeLabel({ ...edge, name: 'too full', condition: 'x > 1' }, words)).toBe('too full')
  expect(edgeLabel({ ...edge, condition: 'x > 1', default: true }, words)).toBe('x > 1')
  expect(edgeLabel({ ...edge, default: true }, words)).toBe('otherwise')
  expect(edgeLabel({ ...edge, failure: true }, words)).toBe('on failure')
  expect(edgeLabel(edge, words)).toBe('')
})

it('cuts a long condition', () => {
  expect(edgeLabel({ ...edge, condition: 'x'.repeat(80) }, words)).toHaveLength(34)
})
