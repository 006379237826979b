import { describe, expect, it } from 'vitest'
import { schemaRows, typeName } from './schemaRows'

describe('schemaRows', () => {
  it('lists nested properties below their parent', () => {
    const rows = schemaRows({
      type: 'object',
      required: ['ip'],
      properties: {
        ip: { type: 'string', format: 'ipv4', title: 'Address' },
        hosts: { type: 'array', items: { type: 'object', properties: { id: { type: 'integer' } } } },
      },
    })
    expect(rows.map(({ path, depth, type, required }) => [path, depth, type, required])).toEqual([
      ['ip', 0, 'string (ipv4)', true],
      ['hosts', 0, 'array of object', false],
      ['hosts[].id', 1, 'integer', false],
    ])
  })

  it('follows local references and stops in a circle', () => {
    const schema = {
      properties: { root: { $ref: '#/$defs/node' } },
      $defs: { node: { type: 'object', properties: { next: { $ref: '#/$defs/node' } } } },
    }
    const rows = schemaRows(schema)
    expect(rows[0]?.type).toBe('object')
    expect(rows.length).toBeLessThan(10)
  })

  it('looks into what may also be null', () => {
    const page = { type: 'object', properties: { limit: { anyOf: [{ type: 'integer' }, { type: 'null' }], default: null } } }
    const rows = schemaRows({ properties: { page: { anyOf: [{ $ref: '#/$defs/page' }, { type: 'null' }] } }, $defs: { page } })
    expect(rows.map(({ path, type, fallback }) => [path, type, fallback])).toEqual([
      ['page', 'object | null', null],
      ['page.limit', 'integer | null', null],
    ])
  })

  it('has no lines for a schema without properties', () => {
    expect(schemaRows(null)).toEqual([])
    expect(schemaRows({ type: 'string' })).toEqual([])
  })
})

describe('typeName', () => {
  it('names unions and choices', () => {
    expect(typeName({ type: ['string', 'null'] })).toBe('string | null')
    expect(typeName({ enum: [1, 2] })).toBe('choice')
    expect(typeName({ oneOf: [{ type: 'string' }, { type: 'integer' }] })).toBe('string | integer')
    expect(typeName({})).toBe('any')
  })
})
