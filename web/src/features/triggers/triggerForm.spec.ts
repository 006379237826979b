import { describe, expect, it } from 'vitest'
import type { TriggerView } from '@/api/types'
import { bodyOf, changeOf, formOf } from './triggerForm'

const KEPT = {
  name: 'alarms', kind: 'webhook', resource: '', event_types: [], condition: 'payload.level > 2', mapping: { text: '${payload.text}' },
  event: '', event_key: '', revision: 2, schemes: ['s'], authentication: 'bearer', payload_schema: { type: 'object' }, per_minute: 5,
} as unknown as TriggerView

describe('triggerForm', () => {
  it('gives back what was kept', () => {
    const { kind, resource, ...rest } = KEPT
    expect([kind, resource]).toEqual(['webhook', ''])
    expect(changeOf(formOf(KEPT), KEPT)).toEqual(rest)
  })

  it('names no resource for a webhook', () => {
    expect(bodyOf(formOf(KEPT))).toMatchObject({ kind: 'webhook', resource: null })
    expect(bodyOf({ ...formOf(null), name: ' x ' })).toMatchObject({ kind: 'inventory', resource: 'host', name: 'x' })
  })
})
