import { describe, expect, it } from 'vitest'
import type { Quotas } from '@/api/types'
import { isFull, limitsOf, usedOf } from './quotas'

const QUOTAS: Quotas = { running_tasks: 2, queued_tasks: null, launches_per_minute: 0, calls_at_once: 4, own: true, running: 2, queued: 9, launched: 0 }

describe('quotas', () => {
  it('tell how much of each is used', () => {
    expect([usedOf(QUOTAS, 'running_tasks'), usedOf(QUOTAS, 'queued_tasks'), usedOf(QUOTAS, 'calls_at_once')]).toEqual([2, 9, null])
  })

  it('are full when as much is used as may be; nothing at all is full at once', () => {
    expect([isFull(QUOTAS, 'running_tasks'), isFull(QUOTAS, 'queued_tasks'), isFull(QUOTAS, 'launches_per_minute'), isFull(QUOTAS, 'calls_at_once')]).toEqual([true, false, true, false])
  })

  it('are without limit where a field is empty', () => {
    expect(limitsOf({ running_tasks: 0, queued_tasks: undefined, launches_per_minute: null, calls_at_once: 3 })).toEqual({ running_tasks: 0, queued_tasks: null, launches_per_minute: null, calls_at_once: 3 })
  })
})
