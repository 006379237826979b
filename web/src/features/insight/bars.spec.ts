import { describe, expect, it } from 'vitest'
import type { TaskFigures } from '@/api/types'
import { barsOf, durationText, scaleTop } from './bars'

function day(id: string, finished: number, failed = 0): TaskFigures {
  return { id, name: id, finished, failed, revoked: 0, mean: null, median: null, p95: null, saved: 0 }
}

describe('bars', () => {
  it('reach as high as what they stand for, one on the other', () => {
    const { bars } = barsOf([day('2026-01-01', 6, 2), day('2026-01-02', 0)], 200, 80)
    expect(bars[0]?.parts.map(({ kind, y, height }) => [kind, y, height])).toEqual([
      ['finished', 20, 60],
      ['failed', 0, 20],
      ['revoked', 0, 0],
    ])
    expect(bars[1]?.x).toBeGreaterThan(100)
  })
  it('have a scale of whole round numbers that nothing rises above', () => {
    expect([0, 1, 4, 5, 9, 41, 1000].map(scaleTop)).toEqual([4, 4, 4, 8, 20, 80, 2000])
  })
  it('name few enough days to be read', () => {
    const { bars } = barsOf(Array.from({ length: 90 }, (_, index) => day(`2026-01-${index}`, 1)), 900, 100)
    expect(bars.filter(({ label }) => label !== '')).toHaveLength(10)
    const narrow = barsOf(Array.from({ length: 90 }, (_, index) => day(`2026-01-${index}`, 1)), 270, 100)
    expect(narrow.bars.filter(({ label }) => label !== '')).toHaveLength(4)
  })
})

describe('a duration', () => {
  it('is told in the unit people would use', () => {
    expect([null, 0.004, 4.25, 89, 120, 5400].map(durationText)).toEqual(['—', '4 ms', '4.25 s', '89 s', '2 min', '1.5 h'])
  })
})
