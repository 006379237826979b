import { expect, it } from 'vitest'
import { asItems, asNames, withRowMoved } from './listValues'

it('keeps texts and turns numbers into numbers', () => {
  expect(asItems(['1', 'b'], 'string')).toEqual(['1', 'b'])
  expect(asItems(['1', '2.5', 'x'], 'number')).toEqual([1, 2.5, 'x'])
  expect(asItems(['12', 'set_12'], ['integer', 'string'])).toEqual([12, 'set_12'])
})

it('moves a line up, down, and nowhere', () => {
  expect(withRowMoved(['a', 'b', 'c'], 2, 0)).toEqual(['c', 'a', 'b'])
  expect(withRowMoved(['a', 'b', 'c'], 0, 1)).toEqual(['b', 'a', 'c'])
  expect(withRowMoved(['a', 'b', 'c'], 0, 2)).toEqual(['b', 'c', 'a'])
  expect(withRowMoved(['a'], 0, 0)).toEqual(['a'])
})

it('reads names, and references as they are', () => {
  expect(asNames('ann, bob;cat  dora,')).toEqual(['ann', 'bob', 'cat', 'dora'])
  expect(asNames('ann,${inputs.first, or other},x${nodes.a.b}')).toEqual(['ann', '${inputs.first, or other}', 'x${nodes.a.b}'])
  expect([undefined, '', 7].map(asNames)).toEqual([[], [], []])
})
