import { describe, expect, it } from 'vitest'
import { peopleOf } from './peopleOf'

const at = { updated_at: '2026-01-01T00:00:00Z' }

describe('people', () => {
  it('have all of their addresses together', () => {
    const bob = { username: 'bob', msg_type: 'mail', address: 'bob@ops.test', ...at }
    const ada = { username: 'ada', msg_type: 'mail', address: 'ada@ops.test', ...at }
    const phone = { username: 'bob', msg_type: 'sms', address: '138', ...at }
    expect(peopleOf([bob, ada, phone])).toEqual([
      { username: 'ada', addresses: [ada] },
      { username: 'bob', addresses: [bob, phone] },
    ])
  })
})
