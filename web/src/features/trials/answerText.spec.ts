import { describe, expect, it } from 'vitest'
import { readable } from './answerText'

describe('readable', () => {
  it('breaks the lines of JSON', () => {
    expect(readable({ text: '{"a":1}', is_base64: false })).toBe('{\n  "a": 1\n}')
  })

  it.each(['plain words', '{"cut off', '{"id":12345678901234567890}'])('leaves %s as it is', (text) => {
    expect(readable({ text, is_base64: false })).toBe(text)
  })
})
