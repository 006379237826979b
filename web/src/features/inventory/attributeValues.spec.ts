import { expect, it } from 'vitest'
import { choicesFrom, typedFrom, valueFrom } from './attributeValues'

it('sends values as their type has them', () => {
  expect([['int', '4'], ['int', 'four'], ['bool', 'true'], ['singleasst', ' 7 '], ['multiasst', '1, 2;3'], ['date', '2026-01-31'], ['int', ' ']].map(([type = '', text = '']) => valueFrom(type, text))).toEqual([4, 'four', true, 7, [1, 2, 3], '2026-01-31', null])
  expect(typedFrom([1, 2])).toBe('1, 2')
})

it('reads choices line by line', () => {
  expect(choicesFrom('1 = New\n\nUsed\n2=a=b')).toEqual([{ id: '1', name: 'New' }, { id: 'Used', name: 'Used' }, { id: '2', name: 'a=b' }])
})
