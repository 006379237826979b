import { expect, it } from 'vitest'
import { randomKey } from './randomKey'

it('is 32 hex digits and never the same', () => {
  const keys = Array.from({ length: 100 }, randomKey)
  expect(keys.every((key) => /^[0-9a-f]{32}$/.test(key))).toBe(true)
  expect(new Set(keys).size).toBe(100)
})
