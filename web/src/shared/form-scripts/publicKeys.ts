/** Public keys by which a plugin has passwords sealed: RSA (RFC 8017 §A.1) and SM2 (GB/T 35276), in PEM or its base64 alone. */

export interface RsaKey {
  kind: 'rsa'
  modulus: bigint
  exponent: bigint
  bytes: number
}

export interface Sm2Key {
  kind: 'sm2'
  /** `04`, x and y, in hex. */
  point: string
}

const INTEGER = 2
const SEQUENCE = 0x30
/** rsaEncryption (1.2.840.113549.1.1.1). */
const RSA = '06092a864886f70d010101'
/** id-ecPublicKey on the curve sm2p256v1 (1.2.156.10197.1.301). */
const SM2 = '06072a8648ce3d020106082a811ccf5501822d'
const OTHER = 'it is neither an RSA nor an SM2 key'
const SM2_POINT = /^04[0-9a-f]{128}$/

export function toNumber(bytes: Uint8Array): bigint {
  return bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** One element of DER: its content, and where the next begins. */
function element(bytes: Uint8Array, at: number): { tag: number; content: Uint8Array; next: number } {
  let length = bytes[at + 1] ?? 0
  let begin = at + 2
  if (length >= 0x80) {
    const more = length - 0x80
    length = Number(toNumber(bytes.slice(begin, begin + more)))
    begin += more
  }
  if (begin + length > bytes.length) throw new Error('it is cut off')
  return { tag: bytes[at] ?? 0, content: bytes.slice(begin, begin + length), next: begin + length }
}

function rsaKey(content: Uint8Array): RsaKey {
  const modulus = element(content, 0)
  const exponent = element(content, modulus.next)
  if (modulus.tag !== INTEGER || exponent.tag !== INTEGER) throw new Error(OTHER)
  const number = toNumber(modulus.content)
  return { kind: 'rsa', modulus: number, exponent: toNumber(exponent.content), bytes: Math.ceil(number.toString(16).length / 2) }
}

/** Of a `PUBLIC KEY` (SubjectPublicKeyInfo) or an `RSA PUBLIC KEY`. */
export function readKey(pem: string): RsaKey | Sm2Key {
  const der = Uint8Array.from(atob(pem.replace(/-----[^-]+-----|\s/g, '')), (sign) => sign.charCodeAt(0))
  const outer = element(der, 0).content
  const first = element(outer, 0)
  if (first.tag !== SEQUENCE) return rsaKey(outer)
  const key = element(outer, first.next).content.slice(1)
  const algorithm = toHex(first.content)
  if (algorithm.startsWith(RSA)) return rsaKey(element(key, 0).content)
  const point = toHex(key)
  if (algorithm !== SM2 || !SM2_POINT.test(point)) throw new Error(OTHER)
  return { kind: 'sm2', point }
}
