import { expect, test } from 'vitest'
import type { PublisherView } from '@/api/types'
import { lapsesSoon } from './lapses'

const NOW = Date.parse('2026-03-01T00:00:00Z')
const acme: PublisherView = {
  name: 'acme', owner: 'alice', created_at: '2026-01-01T00:00:00Z', domain: null, verified_at: null, checked_at: null,
  verified_identity: 'repo:acme/plugins (https://ci.example)', proven_until: '2026-03-10T00:00:00Z', record: null,
}

test('a mark that rests on a token alone is warned of two weeks before it goes', () => {
  expect(lapsesSoon(acme, NOW)).toBe(true)
  expect(lapsesSoon(acme, NOW - 6 * 24 * 3600 * 1000)).toBe(false)
  expect(lapsesSoon({ ...acme, proven_until: null }, NOW)).toBe(false)
  expect(lapsesSoon({ ...acme, domain: 'acme.example', verified_at: '2026-02-01T00:00:00Z' }, NOW)).toBe(false)
})
