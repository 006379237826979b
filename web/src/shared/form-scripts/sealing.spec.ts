import { constants, generateKeyPairSync, privateDecrypt } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { readKey, seal } from './sealing'

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 })

function opened(sealed: string): string {
  const raw = privateDecrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, Buffer.from(sealed, 'base64'))
  expect([raw[0], raw[1]]).toEqual([0, 2])
  return raw.subarray(raw.indexOf(0, 2) + 1).toString()
}

describe('seal', () => {
  it.each(['spki', 'pkcs1'] as const)('is opened with the private key (%s)', (type) => {
    const pem = publicKey.export({ type, format: 'pem' }).toString()
    expect(opened(seal('pässword 密', pem))).toBe('pässword 密')
  })

  it('refuses what is no key, and texts that are too long for it', () => {
    expect(() => readKey('AAAA')).toThrow()
    expect(() => seal('x'.repeat(200), publicKey.export({ type: 'spki', format: 'pem' }).toString())).toThrow('too long')
  })
})
