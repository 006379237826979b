/** Sealing for a plugin by its RSA key, as BlueKing's password fields do (RFC 8017 §7.2, RSAES-PKCS1-v1_5). */

interface PublicKey {
  modulus: bigint
  exponent: bigint
  bytes: number
}

function toNumber(bytes: Uint8Array): bigint {
  return bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
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

/** Of a PEM `PUBLIC KEY` (SubjectPublicKeyInfo) or `RSA PUBLIC KEY`. */
export function readKey(pem: string): PublicKey {
  const der = Uint8Array.from(atob(pem.replace(/-----[^-]+-----|\s/g, '')), (sign) => sign.charCodeAt(0))
  let inner = element(der, 0).content
  const first = element(inner, 0)
  if (first.tag === 0x30) inner = element(element(inner, first.next).content.slice(1), 0).content
  const modulus = element(inner, 0)
  const exponent = element(inner, modulus.next)
  if (modulus.tag !== 2 || exponent.tag !== 2) throw new Error('it is no RSA key')
  const number = toNumber(modulus.content)
  return { modulus: number, exponent: toNumber(exponent.content), bytes: Math.ceil(number.toString(16).length / 2) }
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let [result, square, left] = [1n, base % modulus, exponent]
  while (left > 0n) {
    if (left & 1n) result = (result * square) % modulus
    square = (square * square) % modulus
    left >>= 1n
  }
  return result
}

/** The sealed text in base64. */
export function seal(text: string, pem: string): string {
  const key = readKey(pem)
  const message = new TextEncoder().encode(text)
  if (message.length > key.bytes - 11) throw new Error('the text is too long for it')
  const padding = new Uint8Array(key.bytes - 3 - message.length)
  do crypto.getRandomValues(padding)
  while (padding.includes(0))
  const sealed = power(toNumber(Uint8Array.from([0, 2, ...padding, 0, ...message])), key.exponent, key.modulus)
  const hex = sealed.toString(16).padStart(key.bytes * 2, '0')
  return btoa((hex.match(/../g) ?? []).map((pair) => String.fromCharCode(parseInt(pair, 16))).join(''))
}
