import { expect, it } from 'vitest'
import { heightOf } from './heights'

it('takes pixels as numbers and as texts, within reason', () => {
  expect([300, '300', '300px', ' 120.4px '].map(heightOf)).toEqual([300, 300, 300, 120])
  expect([1, '9000px'].map(heightOf)).toEqual([60, 800])
  expect(['50%', '', 'px', null, undefined, Number.NaN, {}].map(heightOf)).toEqual(Array(7).fill(undefined))
})
