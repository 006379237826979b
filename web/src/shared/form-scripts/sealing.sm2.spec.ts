/** What is sealed by SM2 is opened (GB/T 32918.4 §7) on nothing but numbers: by no part of what seals it. */
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { seal } from './sealing'

const P = 0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffffn
const A = P - 3n
const G: Point = [0x32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7n, 0xbc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0n]
const PRIVATE = 0x3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8n

type Point = [bigint, bigint] | null

function remainder(value: bigint): bigint {
  return ((value % P) + P) % P
}

/** By Fermat: the modulus is a prime. */
function inverse(value: bigint): bigint {
  let [result, square, left] = [1n, remainder(value), P - 2n]
  for (; left > 0n; left >>= 1n) {
    if (left & 1n) result = (result * square) % P
    square = (square * square) % P
  }
  return result
}

function added(one: Point, other: Point): Point {
  if (one === null) return other
  if (other === null) return one
  if (one[0] === other[0] && one[1] !== other[1]) return null
  const slope = one[0] === other[0] ? remainder((3n * one[0] * one[0] + A) * inverse(2n * one[1])) : remainder((other[1] - one[1]) * inverse(other[0] - one[0]))
  const x = remainder(slope * slope - one[0] - other[0])
  return [x, remainder(slope * (one[0] - x) - one[1])]
}

function times(factor: bigint, point: Point): Point {
  let [result, double]: [Point, Point] = [null, point]
  for (let left = factor; left > 0n; left >>= 1n) {
    if (left & 1n) result = added(result, double)
    double = added(double, double)
  }
  return result
}

function bytes(point: Point): Buffer[] {
  return (point ?? []).map((number) => Buffer.from(number.toString(16).padStart(64, '0'), 'hex'))
}

/** A SubjectPublicKeyInfo in base64. */
const PUBLIC = Buffer.concat([Buffer.from('3059301306072a8648ce3d020106082a811ccf5501822d03420004', 'hex'), ...bytes(times(PRIVATE, G))]).toString('base64')

/** Raises an error where the hash within does not fit the text. */
function opened(sealed: string): string {
  const der = Buffer.from(sealed, 'base64')
  const found: Buffer[] = []
  let at = (der[1] ?? 0) < 0x80 ? 2 : 2 + ((der[1] ?? 0) - 0x80)
  while (at < der.length) {
    const long = (der[at + 1] ?? 0) >= 0x80 ? (der[at + 1] ?? 0) - 0x80 : 0
    const length = long === 0 ? (der[at + 1] ?? 0) : Number(`0x${der.subarray(at + 2, at + 2 + long).toString('hex')}`)
    found.push(der.subarray(at + 2 + long, at + 2 + long + length))
    at += 2 + long + length
  }
  const [x, y, check, masked] = found
  if (x === undefined || y === undefined || check === undefined || masked === undefined) throw new Error('it has no four parts')
  const [x2, y2] = bytes(times(PRIVATE, [BigInt(`0x${x.toString('hex')}`), BigInt(`0x${y.toString('hex')}`)]))
  if (x2 === undefined || y2 === undefined) throw new Error('its point is none')
  const mask: Buffer[] = []
  for (let count = 1; mask.length * 32 < masked.length; count++) {
    const counter = Buffer.alloc(4)
    counter.writeUInt32BE(count)
    mask.push(createHash('sm3').update(Buffer.concat([x2, y2, counter])).digest())
  }
  const stream = Buffer.concat(mask)
  const text = Buffer.from(masked.map((byte, index) => byte ^ (stream[index] ?? 0)))
  if (!createHash('sm3').update(Buffer.concat([x2, text, y2])).digest().equals(check)) throw new Error('it does not fit its hash')
  return text.toString()
}

describe('seal by SM2', () => {
  it.each(['p', 'pässword 密', 'x'.repeat(300)])('is opened with the private key', async (text) => {
    expect(opened(await seal(text, PUBLIC))).toBe(text)
  })
})
