import { describe, expect, it } from 'vitest'
import { settingsOf, valuesOf } from './signingForm'

const KEPT = { profile: 'basic', parameters: { username: 'gateway' }, has_secret: true }

describe('the form of signing', () => {
  it('starts with what is kept, without the secret', () => {
    expect(valuesOf('basic', KEPT)).toEqual({ username: 'gateway', password: '' })
  })

  it('starts with what is usual for another profile', () => {
    expect(valuesOf('jwt', KEPT)).toEqual({ issuer: 'APIGW', kid: 'system' })
  })

  it('leaves out a secret that was not typed', () => {
    expect(settingsOf({ profile: 'basic', values: { username: ' gateway ', password: '' } })).toEqual({ profile: 'basic', username: 'gateway' })
    expect(settingsOf({ profile: 'basic', values: { username: 'g', password: ' s ' } })).toEqual({ profile: 'basic', username: 'g', password: ' s ' })
  })
})
