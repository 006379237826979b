import { describe, expect, it } from 'vitest'
import { formPath, formSchema, fromForm, plainSchema, startData, toForm } from './schemaForms'

const RATE = { type: 'object', properties: { period: { type: 'integer' }, tokens: { type: 'integer' } }, required: ['period', 'tokens'] }
const SCHEMA = {
  $defs: { Rate: RATE },
  type: 'object',
  properties: {
    rates: { type: 'object', additionalProperties: { type: 'array', items: { $ref: '#/$defs/Rate' } } },
    headers: { type: 'object', patternProperties: { '^x': { type: 'string' } } },
    total: { anyOf: [{ type: 'integer', minimum: 1 }, { type: 'null' }], default: null, title: 'Total' },
    delay: { anyOf: [{ $ref: '#/$defs/Rate' }, { type: 'null' }], default: null },
  },
}
const plain = plainSchema(SCHEMA)
const DATA = { rates: { shop: [{ period: 1, tokens: 5 }], 'a.b': [] }, headers: { 'x-a': '' }, total: 3 }

describe('plainSchema', () => {
  it('puts definitions in their places and takes null out of the alternatives', () => {
    expect(plain).toMatchObject({
      properties: {
        rates: { additionalProperties: { items: RATE } },
        total: { type: 'integer', minimum: 1, default: null, title: 'Total' },
        delay: { ...RATE, default: null },
      },
    })
  })

  it('ends with a schema that contains itself', () => {
    const loop = { $defs: { Node: { type: 'object', properties: { next: { $ref: '#/$defs/Node' } } } }, $ref: '#/$defs/Node' }
    expect(plainSchema(loop)).toMatchObject({ type: 'object' })
  })
})

describe('members of any name', () => {
  it('are lines of a name and a value in the form', () => {
    expect(formSchema(plain)).toMatchObject({
      properties: {
        rates: { type: 'array', items: { properties: { name: { type: 'string' }, value: { type: 'array', items: RATE } } } },
        headers: { type: 'array', items: { properties: { value: { type: 'string' } } } },
      },
    })
    expect(toForm(DATA, plain)).toEqual({
      rates: [{ name: 'shop', value: [{ period: 1, tokens: 5 }] }, { name: 'a.b', value: [] }],
      headers: [{ name: 'x-a', value: '' }],
      total: 3,
    })
  })

  it('come back as they were', () => {
    expect(fromForm(toForm(DATA, plain), plain)).toEqual(DATA)
  })

  it('without a name are left out, and so is what was emptied', () => {
    expect(fromForm({ rates: [{ value: [] }], headers: [{ name: 'x-a' }], delay: { period: undefined }, total: undefined }, plain)).toEqual({ headers: { 'x-a': '' } })
  })
})

describe('startData', () => {
  it('has the defaults, and those inside of what is required alone', () => {
    const inner = { type: 'object', properties: { size: { default: 20 }, from: { type: 'integer' } }, required: ['from'] }
    expect(startData({ properties: { page: inner, filter: inner, per: { default: 'app' }, total: { default: null } }, required: ['page'] })).toEqual({ page: { size: 20 }, per: 'app' })
  })
})

describe('formPath', () => {
  it('finds the line of a name', () => {
    expect(formPath(['rates', 'shop', '0', 'tokens'], plain, DATA)).toEqual(['rates', '0', 'value', '0', 'tokens'])
    expect(formPath(['headers', 'x-a'], plain, DATA)).toEqual(['headers', '0', 'value'])
    expect(formPath(['total'], plain, DATA)).toEqual(['total'])
  })

  it('stops where there is no such name', () => {
    expect(formPath(['rates', 'nobody'], plain, DATA)).toEqual(['rates'])
  })
})
