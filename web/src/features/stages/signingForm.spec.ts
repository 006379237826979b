import { describe, expect, it } from 'vitest'
import { namedOf, settingsOf, valuesOf } from './signingForm'

const KEPT = { profile: 'basic', parameters: { username: 'gateway' }, has_secret: true }

describe('the form of signing', () => {
  it('starts with what is kept, without the secret', () => {
    expect(valuesOf('basic', KEPT)).toEqual({ username: 'gateway', password: '' })
  })

  it('starts with what is usual for another profile', () => {
    expect(valuesOf('jwt', KEPT)).toEqual({ issuer: 'APIGW', kid: 'system', shape: 'address', username: '' })
  })

  it('leaves out a secret that was not typed', () => {
    expect(settingsOf({ profile: 'basic', values: { username: ' gateway ', password: '' }, named: '' })).toEqual({ profile: 'basic', username: 'gateway' })
    expect(settingsOf({ profile: 'basic', values: { username: 'g', password: ' s ' }, named: '' })).toEqual({ profile: 'basic', username: 'g', password: ' s ' })
  })

  it('leaves out what may be left out', () => {
    const values = { issuer: 'APIGW', kid: 'system', shape: 'gateway', username: ' ' }
    expect(settingsOf({ profile: 'jwt', values, named: '' })).toEqual({ profile: 'jwt', issuer: 'APIGW', kid: 'system', shape: 'gateway' })
  })

  it('sends the name of a secret in place of one that was typed', () => {
    expect(settingsOf({ profile: 'basic', values: { username: 'g', password: 's' }, named: 'db' })).toEqual({ profile: 'basic', username: 'g', secret_name: 'db' })
    const named = { ...KEPT, parameters: { username: 'g', secret_name: 'db' } }
    expect([namedOf('basic', named), namedOf('basic', KEPT), namedOf('bearer', named)]).toEqual(['db', '', ''])
  })
})
