import { describe, expect, it } from 'vitest'
import { neededBump, stepped, tellsTooLittle } from './versions'

describe('stepped', () => {
  it.each([
    ['major', '2.0.0'],
    ['minor', '1.3.0'],
    ['patch', '1.2.4'],
  ] as const)('by a %s step', (bump, version) => {
    expect(stepped('1.2.3', bump)).toBe(version)
  })
})

describe('neededBump', () => {
  it('tells of what breaks callers, and of what they gain', () => {
    expect(neededBump('1.2.3', 'breaking')).toBe('major')
    expect(neededBump('0.2.3', 'breaking')).toBe('minor')
    expect(neededBump('1.2.3', 'added')).toBe('minor')
    expect(neededBump('1.2.3', 'inner')).toBe('patch')
  })
})

describe('tellsTooLittle', () => {
  it('is so below the needed step', () => {
    expect(tellsTooLittle('minor', 'major')).toBe(true)
    expect(tellsTooLittle('major', 'minor')).toBe(false)
    expect(tellsTooLittle('patch', 'patch')).toBe(false)
  })
})
