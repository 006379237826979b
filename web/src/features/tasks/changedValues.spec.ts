import { expect, it } from 'vitest'
import { changedValues } from './changedValues'

it('tells what is new, other, or gone, and nothing of the rest', () => {
  expect(changedValues({ same: [1], other: 1, gone: 'x' }, { same: [1], other: 2, more: {} })).toEqual({ other: 2, gone: null, more: {} })
  expect(changedValues({ a: 1 }, { a: 1 })).toEqual({})
})
