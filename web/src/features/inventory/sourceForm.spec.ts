import { describe, expect, it } from 'vitest'
import { sourceOf, type TypedSource } from './sourceForm'

const TYPED: TypedSource = { name: ' east ', kind: 'ssh', bk_biz_id: 2, url: 'https://netbox.example.com', token: 'secret', addresses: '10.0.1.0/24, 10.0.2.7\n10.0.2.8', username: 'ops', password: 'word', private_key: '', known_hosts: '', accept_new_host_keys: true, scheduled: false, every_minutes: 60, vanished: 'mark' }

describe('sourceOf', () => {
  it('sends what belongs to the kind, and nothing of the other', () => {
    expect(sourceOf(TYPED)).toEqual({
      name: 'east', kind: 'ssh', bk_biz_id: 2, vanished: 'mark', every_minutes: null, secret: { password: 'word' },
      ssh: { addresses: ['10.0.1.0/24', '10.0.2.7', '10.0.2.8'], username: 'ops', known_hosts: '', accept_new_host_keys: true },
    })
    const netbox = sourceOf({ ...TYPED, kind: 'netbox', scheduled: true })
    expect(netbox).toMatchObject({ every_minutes: 60, netbox: { url: 'https://netbox.example.com' }, secret: { token: 'secret' } })
    expect(netbox.ssh).toBeUndefined()
  })

  it('prefers a key to a password', () => {
    expect(sourceOf({ ...TYPED, private_key: 'KEY' }).secret).toEqual({ private_key: 'KEY' })
  })
})
