import { expect, it } from 'vitest'
import { errorText } from './errorText'

it('finds the words in an error of any shape', () => {
  expect(errorText('no host')).toBe('no host')
  expect(errorText({ code: 1, message: 'no host' })).toBe('no host')
  expect(errorText({ detail: 'no host' })).toBe('no host')
  expect(errorText({ code: 1 })).toContain('"code": 1')
  expect(errorText(null)).toBe('')
})
