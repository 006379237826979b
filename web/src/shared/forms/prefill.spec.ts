import { describe, expect, it } from 'vitest'
import { linkQuery, prefilled, withoutSecrets } from './prefill'

const SCHEMA = {
  type: 'object',
  properties: {
    host: { type: 'string' },
    count: { type: 'integer' },
    deep: { type: 'boolean' },
    tags: { type: 'array' },
    key: { type: 'string', writeOnly: true },
  },
}

describe('a link that fills in a form', () => {
  it('gives each input the type its field has', () => {
    const { inputs, ignored } = prefilled({ host: '10', count: '7', deep: 'true', tags: '["a"]' }, SCHEMA)
    expect(inputs).toEqual({ host: '10', count: 7, deep: true, tags: ['a'] })
    expect(ignored).toEqual([])
  })

  it('leaves out what the form does not ask for, what cannot be read, and secrets', () => {
    const { inputs, ignored } = prefilled({ key: 'prod', other: '1', count: 'many', toString: 'x', host: null }, SCHEMA)
    expect(inputs).toEqual({})
    expect(ignored).toEqual(['key', 'other', 'count', 'toString', 'host'])
  })

  it('is made of inputs and read back to the same, without secrets', () => {
    const inputs = { host: 'true', count: 3, deep: false, tags: ['a', 'ü&='], key: 'prod', gone: 1 }
    const query = linkQuery(inputs, SCHEMA)
    expect(query).not.toHaveProperty('key')
    expect(prefilled(query, SCHEMA)).toEqual({ inputs: { host: 'true', count: 3, deep: false, tags: ['a', 'ü&='] }, ignored: [] })
  })

  it('keeps no secret', () => {
    expect(withoutSecrets({ host: 'a', key: 'prod' }, SCHEMA)).toEqual({ host: 'a' })
  })
})
