import { describe, expect, it } from 'vitest'
import { bodyData, bodyForm, bodyOf, parametersForm, requestOf, type Tried } from './trialForm'

const LABELS = { path: 'Path', query: 'Query', headers: 'Headers' }
const TRIED: Tried = {
  name: 'list_hosts',
  method: 'GET',
  path: '/sets/{set}/hosts',
  parameters: [{ name: 'limit', in: 'query', required: true, schema: { type: 'integer' }, description: 'At most' }],
  body_schema: null,
}

describe('parametersForm', () => {
  it('asks for the parameters of the path, declared or not, and for those that are declared', () => {
    expect(parametersForm(TRIED, LABELS)?.schema).toMatchObject({
      properties: {
        path: { properties: { set: { type: 'string' } }, required: ['set'] },
        query: { properties: { limit: { type: 'integer', description: 'At most' } }, required: ['limit'] },
      },
    })
  })

  it('asks what follows a path that matches everything below it', () => {
    expect(parametersForm({ ...TRIED, path: '/files', match_subpath: true, parameters: [] }, LABELS)?.schema).toMatchObject({ properties: { path: { properties: { '*': {} }, required: [] } } })
  })

  it('is none where nothing can be said', () => {
    expect(parametersForm({ ...TRIED, path: '/', parameters: [] }, LABELS)).toBeNull()
  })
})

describe('the body', () => {
  const SCHEMA = { type: 'object', properties: { ip: { type: 'string' }, tags: { type: 'object', additionalProperties: { type: 'string' } }, count: { type: 'integer', default: 3 } } }

  it('is filled in a form, with its defaults', () => {
    expect(bodyForm(SCHEMA)).not.toBeNull()
    expect(bodyData(SCHEMA)).toEqual({ count: 3 })
    expect(bodyOf(SCHEMA, { ip: 'a', tags: [{ name: 'x', value: 'y' }], count: 3 })).toEqual({ ip: 'a', tags: { x: 'y' }, count: 3 })
  })

  it('is written as JSON where its members are not known', () => {
    expect(bodyForm({ type: 'array' })).toBeNull()
    expect(bodyForm(null)).toBeNull()
  })
})

describe('requestOf', () => {
  it('writes everything outside the body as text, lists as several, and leaves out what is empty', () => {
    expect(requestOf({ path: { set: 7 }, query: { limit: 5, on: false, ids: [1, 2], q: '', none: null }, headers: { 'x-a': 'b' } }, undefined, null)).toEqual({
      path: { set: '7' }, query: { limit: '5', on: 'false', ids: ['1', '2'] }, headers: { 'x-a': 'b' }, body: null, method: null,
    })
  })
})
