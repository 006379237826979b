import { expect, it } from 'vitest'
import { safeRedirect } from './safeRedirect'

it.each([
  ['/tasks/7?tab=log', '/tasks/7?tab=log'],
  ['//evil.example', '/'],
  ['/\\evil.example', '/'],
  ['https://evil.example', '/'],
  ['/sign-in', '/'],
  [undefined, '/'],
  [['/a', '/b'], '/'],
])('of %s is %s', (asked, path) => {
  expect(safeRedirect(asked)).toBe(path)
})
