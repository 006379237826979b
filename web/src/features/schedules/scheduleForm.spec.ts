import { describe, expect, it } from 'vitest'
import type { ScheduleView } from '@/api/types'
import { bodyOf, formOf, isTimed, timesOf } from './scheduleForm'

const KEPT = {
  name: 'nightly', cron: '0 3 * * *', time_zone: 'Asia/Shanghai', start_at: null, end_at: '2026-07-01T00:00:00Z', inputs: { n: 1 },
  missed: 'skip', overlap: 'queue', revision: 3, leave_out: ['late'], schemes: ['s'], enabled: false,
} as unknown as ScheduleView

describe('scheduleForm', () => {
  it('gives back what was kept', () => {
    const form = formOf(KEPT, 'UTC')
    expect(bodyOf(form, form.inputs, KEPT)).toEqual({ ...KEPT, end_at: '2026-07-01T00:00:00.000Z' })
  })

  it('sends no rule for one start, and no end', () => {
    const form = { ...formOf(KEPT, 'UTC'), kind: 'once' as const, start_at: new Date('2026-06-01T06:00:00Z') }
    expect(timesOf(form)).toMatchObject({ cron: null, start_at: '2026-06-01T06:00:00.000Z', end_at: null })
  })

  it('asks for no preview of what is half written', () => {
    const form = formOf(null, 'UTC')
    expect(isTimed(form)).toBe(true)
    expect(isTimed({ ...form, cron: '0 8 * *' })).toBe(false)
    expect(isTimed({ ...form, kind: 'once' })).toBe(false)
  })
})
