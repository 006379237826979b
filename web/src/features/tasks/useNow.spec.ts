import { expect, it } from 'vitest'
import { elapsed } from './useNow'

it('counts to the end, or to now while there is none', () => {
  const start = '2026-01-01T00:00:00Z'
  expect(elapsed(start, '2026-01-01T00:00:05Z', 0)).toBe(5000)
  expect(elapsed(start, null, Date.parse(start) + 700)).toBe(700)
  expect(elapsed(null, null, 0)).toBeNull()
})
