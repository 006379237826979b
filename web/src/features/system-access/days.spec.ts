import { describe, expect, it } from 'vitest'
import { daysOf } from './days'

describe('daysOf', () => {
  it.each([
    ['180, 360', [180, 360]],
    ['30，7、1', [30, 7, 1]],
    ['  ', []],
    ['week', [NaN]],
  ])('reads %s', (text, days) => {
    expect(daysOf(text)).toEqual(days)
  })
})
