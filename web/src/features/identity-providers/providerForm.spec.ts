import { describe, expect, it } from 'vitest'
import type { IdentityProviderView } from '@/api/types'
import { bodyOf, formOf } from './providerForm'

const corp: IdentityProviderView = {
  name: 'corp', title: 'Corp', issuer: 'https://id.example.com', client_id: 'trunkline', has_client_secret: true,
  scopes: ['openid', 'groups'], username_claim: 'upn', creates_users: false, is_enabled: true,
  role_rules: [{ claim: 'groups', value: 'ops', role: 'operator', project: 'shop' }, { claim: 'groups', value: 'root', role: 'admin', project: null }],
  redirect_uri: 'https://gw.example.com/v1/sign-in/oidc/corp/callback', updated_at: '2026-01-01T00:00:00Z',
}

describe('provider form', () => {
  it('changes nothing when nothing is changed, and leaves the secret out', () => {
    const body = bodyOf(formOf(corp))
    expect(corp).toMatchObject(body)
    expect(body).not.toHaveProperty('client_secret')
    expect(formOf(corp).name).toBe('corp')
  })

  it('sends a typed secret, and null to forget the kept one', () => {
    expect(bodyOf({ ...formOf(corp), secret: 'hush' }).client_secret).toBe('hush')
    expect(bodyOf({ ...formOf(corp), forgetSecret: true }).client_secret).toBeNull()
  })

  it('takes scopes apart by any space', () => {
    expect(bodyOf({ ...formOf(null), scopes: ' openid  email ' }).scopes).toEqual(['openid', 'email'])
  })
})
