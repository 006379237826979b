import { expect, it } from 'vitest'
import { percentOf, worstSeverity } from './standing'

it('takes the worst of several advisories', () => {
  expect(worstSeverity([{ severity: 'low' }, { severity: 'critical' }, { severity: 'high' }])).toBe('critical')
  expect(worstSeverity([])).toBeUndefined()
})

it('says 100 % of what never failed alone', () => {
  expect([percentOf(1), percentOf(0.999), percentOf(0.5), percentOf(0)]).toEqual([100, 99, 50, 0])
})
