import { describe, expect, it } from 'vitest'
import type { SystemKey } from '@/api/types'
import { keyStates } from './keyStates'

const NOW = new Date('2026-06-01T12:00:00Z')
function key(change: Partial<SystemKey>): SystemKey {
  return { profile: 'jwt', key_id: 'k', algorithm: 'RS512', public_key: null, created_at: '2026-01-01T00:00:00Z', signs: true, signs_from: null, retired_at: null, ...change }
}

describe('keyStates', () => {
  it('lets the newest key of a profile sign, once its time has come', () => {
    const keys = [key({ signs_from: '2026-06-02T00:00:00Z' }), key({ signs_from: '2026-05-01T00:00:00Z' }), key({}), key({ profile: 'http-message-signature' })]
    expect(keyStates(keys, NOW)).toEqual(['waits', 'signs', 'verifies', 'signs'])
  })

  it('knows keys that were retired, and those that only verify', () => {
    expect(keyStates([key({ signs: false }), key({ retired_at: '2026-02-01T00:00:00Z' })], NOW)).toEqual(['verifies', 'retired'])
  })
})
