import { describe, expect, it } from 'vitest'
import type { UpstreamView } from '@/api/types'
import { formOf, settingsOf } from './upstreamForm'

const VIEW: UpstreamView = {
  name: 'default',
  balance: 'consistent-hash',
  hash_on: 'header:x-user',
  targets: [{ url: 'https://a.example.com', weight: 3 }],
  connect_timeout: 1,
  timeout: 9,
  total_timeout: null,
  tls: { authority: '', certificate: 'PEM', has_private_key: true, server_name: null },
  health: { active: { path: '/ok', interval: 5, timeout: 1, statuses: [200, 204], healthy_after: 1, unhealthy_after: 2 }, passive: null },
  updated_at: '2026-01-01T00:00:00Z',
}

describe('the form of an upstream', () => {
  it('sends back what was there, without the key it never saw', () => {
    const { name, updated_at, tls, ...settings } = VIEW
    expect(name + updated_at).not.toBe('')
    expect(settingsOf(formOf(VIEW))).toEqual({ ...settings, tls: { authority: '', certificate: tls?.certificate, server_name: null } })
  })

  it('sends a key that was typed', () => {
    const form = formOf(VIEW)
    form.certificates.private_key = 'KEY'
    expect(settingsOf(form).tls?.private_key).toBe('KEY')
  })

  it('names a secret in place of a key', () => {
    const named = formOf({ ...VIEW, tls: { authority: '', certificate: '', has_private_key: true, secret_name: 'client-key', server_name: null } })
    expect(named.hasPrivateKey).toBe(false)
    named.certificates.private_key = 'KEY'
    expect(settingsOf(named).tls).toEqual({ authority: '', certificate: '', server_name: null, secret_name: 'client-key' })
    named.certificates.secret_name = ''
    expect(settingsOf(named).tls?.private_key).toBe('KEY')
  })

  it('leaves out what is switched off', () => {
    const form = formOf({ ...VIEW, balance: 'round-robin' })
    Object.assign(form, { active: false, tls: false, passive: true })
    expect(settingsOf(form)).toMatchObject({ tls: null, health: { active: null, passive: { failures: 5, eject_seconds: 30 } } })
  })
})
