import { describe, expect, it } from 'vitest'
import type { ReleaseDiff } from '@/api/types'
import { draftState, isEmpty } from './draftStates'

const NONE: ReleaseDiff = { breaking: false, level: 'text', added: [], removed: [], changed: [], reordered: false }
const DIFF: ReleaseDiff = {
  ...NONE,
  added: ['a'],
  changed: [
    { name: 'b', level: 'breaking', breaking: true, reasons: [], callers: null },
    { name: 'c', level: 'text', breaking: false, reasons: [], callers: null },
  ],
}

describe('draftState', () => {
  it('tells new, breaking, changed and unchanged components apart', () => {
    expect(['a', 'b', 'c', 'd'].map((name) => draftState(name, DIFF))).toEqual(['added', 'breaking', 'changed', 'same'])
  })

  it('calls all of them new where nothing is released', () => {
    expect(draftState('d', null)).toBe('added')
  })
})

describe('isEmpty', () => {
  it('is so when nothing would be released', () => {
    expect(isEmpty(NONE)).toBe(true)
    expect(isEmpty(DIFF)).toBe(false)
    expect(isEmpty({ ...NONE, reordered: true })).toBe(false)
  })
})
