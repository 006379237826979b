// @vitest-environment jsdom
import { expect, it } from 'vitest'
import { grown } from './useHostLog'

it('adds a part and takes a whole', () => {
  expect(grown('', { log_content: 'a\n', log_offset: 0 })).toBe('a\n')
  expect(grown('a\n', { log_content: 'b\n', log_offset: 2 })).toBe('a\nb\n')
  expect(grown('a\nb\n', { log_content: '[2 bytes left out]\nb\nc\n', log_offset: 0 })).toBe('[2 bytes left out]\nb\nc\n')
})
