// @vitest-environment jsdom
import { describe, expect, it } from 'vitest'
import { localized, spokenDuration } from './useText'

describe('localized', () => {
  it('gives the asked language, else the one there is', () => {
    expect(localized({ en: 'Host', zh: '主机' }, 'zh')).toBe('主机')
    expect(localized({ en: 'Host' }, 'zh')).toBe('Host')
    expect(localized({ zh: '主机' }, 'en')).toBe('主机')
    expect(localized('plain', 'zh')).toBe('plain')
    expect(localized(null, 'en')).toBe('')
  })
})

describe('spokenDuration', () => {
  it.each([
    [-5, '0 ms'],
    [340, '340 ms'],
    [12_440, '12.4 s'],
    [200_000, '3 min 20 s'],
    [7_500_000, '2 h 5 min'],
  ])('says %d ms as %s', (milliseconds, said) => {
    expect(spokenDuration(milliseconds)).toBe(said)
  })
})
