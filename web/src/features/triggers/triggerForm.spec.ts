import { describe, expect, it } from 'vitest'
import type { TriggerView } from '@/api/types'
import { bodyOf, changeOf, formOf, sampleOf } from './triggerForm'

const KEPT = {
  name: 'alarms', kind: 'webhook', resource: '', event_types: [], condition: 'payload.level > 2', mapping: { text: '${payload.text}' },
  event: '', event_key: '', revision: 2, schemes: ['s'], authentication: 'bearer', payload_schema: { type: 'object' }, per_minute: 5,
} as unknown as TriggerView
const TELLING: TriggerView = { ...KEPT, event: 'alarm', event_key: '${payload.host}', schemes: [] }

describe('triggerForm', () => {
  it('gives back what was kept', () => {
    for (const each of [KEPT, TELLING]) {
      const { kind, resource, ...rest } = each
      expect([kind, resource]).toEqual(['webhook', ''])
      expect(changeOf(formOf(each))).toEqual(rest)
    }
  })

  it('tells of no event where a task is to be started', () => {
    expect(changeOf({ ...formOf(TELLING), tells: false })).toMatchObject({ event: '', event_key: '' })
    expect(formOf(null)).toMatchObject({ tells: false, revision: 0 })
  })

  it('shows what could come', () => {
    expect(sampleOf(formOf(null))).toEqual({ id: '1', type: 'create', resource: 'host', detail: {} })
    expect(sampleOf(formOf(KEPT))).toEqual({})
  })

  it('names no resource for a webhook', () => {
    expect(bodyOf(formOf(KEPT))).toMatchObject({ kind: 'webhook', resource: null })
    expect(bodyOf({ ...formOf(null), name: ' x ' })).toMatchObject({ kind: 'inventory', resource: 'host', name: 'x' })
  })
})
