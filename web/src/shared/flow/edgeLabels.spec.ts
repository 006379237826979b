import { expect, it } from 'vitest'
import { edgeLabel } from './edgeLabels'

const edge = { id: 'e', source: 'a', target: 'b' }

it('prefers the name, then the condition, then the default', () => {
  expect(edgeLabel({ ...edge, name: 'too full', condition: 'x > 1' }, 'otherwise')).toBe('too full')
  expect(edgeLabel({ ...edge, condition: 'x > 1', default: true }, 'otherwise')).toBe('x > 1')
  expect(edgeLabel({ ...edge, default: true }, 'otherwise')).toBe('otherwise')
  expect(edgeLabel(edge, 'otherwise')).toBe('')
})

it('cuts a long condition', () => {
  expect(edgeLabel({ ...edge, condition: 'x'.repeat(80) }, '')).toHaveLength(34)
})
