import { describe, expect, it } from 'vitest'
import { choicesOf, itemSchema } from './choices'

describe('choicesOf', () => {
  it('reads enumerations and titled constants', () => {
    expect(choicesOf({ enum: ['a', 2] } as never)).toEqual([{ value: 'a', label: 'a' }, { value: 2, label: '2' }])
    expect(choicesOf({ oneOf: [{ const: 1, title: 'One' }, { const: 2 }] } as never)).toEqual([
      { value: 1, label: 'One' },
      { value: 2, label: '2' },
    ])
  })

  it('finds none elsewhere', () => {
    expect(choicesOf(undefined)).toEqual([])
    expect(choicesOf({ type: 'string' })).toEqual([])
  })
})

describe('itemSchema', () => {
  it('is there for lists of one kind only', () => {
    expect(itemSchema({ type: 'array', items: { type: 'string' } })).toEqual({ type: 'string' })
    expect(itemSchema({ type: 'array' })).toBeUndefined()
  })
})
