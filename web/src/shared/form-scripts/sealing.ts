/** Sealing for a plugin by its key, as BlueKing's password fields do. */
import { readKey, type RsaKey, toNumber } from './publicKeys'

/** Bytes that RSAES-PKCS1-v1_5 puts around a message (RFC 8017 §7.2.1). */
const AROUND = 11

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let [result, square, left] = [1n, base % modulus, exponent]
  while (left > 0n) {
    if (left & 1n) result = (result * square) % modulus
    square = (square * square) % modulus
    left >>= 1n
  }
  return result
}

function base64(hex: string): string {
  return btoa((hex.match(/../g) ?? []).map((pair) => String.fromCharCode(parseInt(pair, 16))).join(''))
}

/** Parts of so many bytes at most; no character is taken apart. */
function parts(text: string, most: number): Uint8Array[] {
  const found: Uint8Array[] = []
  let begun: number[] = []
  for (const sign of text) {
    const bytes = new TextEncoder().encode(sign)
    if (begun.length + bytes.length > most) {
      found.push(Uint8Array.from(begun))
      begun = []
    }
    begun.push(...bytes)
  }
  return [...found, Uint8Array.from(begun)]
}

function sealPart(message: Uint8Array, key: RsaKey): string {
  const padding = new Uint8Array(key.bytes - 3 - message.length)
  do crypto.getRandomValues(padding)
  while (padding.includes(0))
  const sealed = power(toNumber(Uint8Array.from([0, 2, ...padding, 0, ...message])), key.exponent, key.modulus)
  return sealed.toString(16).padStart(key.bytes * 2, '0')
}

/** The sealed text in base64: by RSA (RSAES-PKCS1-v1_5) one block after the other, by SM2 as GB/T 35276 writes it in DER. */
export async function seal(text: string, pem: string): Promise<string> {
  const key = readKey(pem)
  if (key.kind === 'rsa') return base64(parts(text, key.bytes - AROUND).map((part) => sealPart(part, key)).join(''))
  const { sm2 } = await import('sm-crypto-v2')
  return base64(sm2.doEncrypt(text, key.point, 1, { asn1: true }))
}
