import { constants, generateKeyPairSync, type KeyObject, privateDecrypt } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { readKey } from './publicKeys'
import { seal } from './sealing'

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 })
const PEM = publicKey.export({ type: 'spki', format: 'pem' }).toString()
const BLOCK = 128

function opened(sealed: string, key: KeyObject): string {
  const bytes = Buffer.from(sealed, 'base64')
  const messages: Buffer[] = []
  for (let at = 0; at < bytes.length; at += BLOCK) {
    const raw = privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, bytes.subarray(at, at + BLOCK))
    expect([raw[0], raw[1]]).toEqual([0, 2])
    messages.push(raw.subarray(raw.indexOf(0, 2) + 1))
  }
  return Buffer.concat(messages).toString()
}

describe('seal', () => {
  it.each(['spki', 'pkcs1'] as const)('is opened with the private key of RSA (%s)', async (type) => {
    const pem = publicKey.export({ type, format: 'pem' }).toString()
    expect(opened(await seal('pässword 密', pem), privateKey)).toBe('pässword 密')
  })

  it.each(['x'.repeat(117), 'x'.repeat(118), '密'.repeat(200)])('takes as many blocks of RSA as a text needs', async (text) => {
    const sealed = await seal(text, PEM)
    expect(opened(sealed, privateKey)).toBe(text)
    expect(Buffer.from(sealed, 'base64').length).toBe(BLOCK * Math.ceil(text.length / (text.startsWith('x') ? 117 : 39)))
  })

  it('refuses what is no key, and keys of other kinds', () => {
    const other = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).publicKey.export({ type: 'spki', format: 'pem' }).toString()
    expect(() => readKey('AAAA')).toThrow()
    expect(() => readKey(other)).toThrow('neither an RSA nor an SM2 key')
  })
})
