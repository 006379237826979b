import { expect, it } from 'vitest'
import { asItems } from './listValues'

it('keeps texts and turns numbers into numbers', () => {
  expect(asItems(['1', 'b'], 'string')).toEqual(['1', 'b'])
  expect(asItems(['1', '2.5', 'x'], 'number')).toEqual([1, 2.5, 'x'])
  expect(asItems(['12', 'set_12'], ['integer', 'string'])).toEqual([12, 'set_12'])
})
