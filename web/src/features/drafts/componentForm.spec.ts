import { describe, expect, it } from 'vitest'
import type { Assignment, ComponentDefinition } from '@/api/types'
import { definitionOf, formOf, wrongSections } from './componentForm'

const COMPONENT: ComponentDefinition = {
  method: 'POST',
  path: '/hosts/{id}',
  title: 'Change a host',
  parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'integer', minimum: 1 }, description: '' }],
  body_schema: { type: 'object' },
  upstream_path: '/v2/hosts/{host_id}',
  mapping: [
    { to: { in: 'path', name: 'host_id' }, from: { in: 'path', name: 'id' }, required: true },
    { to: { in: 'body', name: 'page.limit', type: 'integer' }, from: { in: 'query', name: 'limit' } },
    { to: { in: 'query', name: 'version' }, from: { constant: 3 } },
    { to: { in: 'header', name: 'X-Region' }, from: { variable: 'region' } },
  ],
  texts: { zh: { title: '修改主机', description: '', doc: '# 修改' } },
  policies: [{ kind: 'body-limit', config: { max_bytes: 100 } }],
  scopes: ['cmdb:write'],
}

describe('the form of a component', () => {
  it('sends back what was there', () => {
    expect(definitionOf(formOf('change_host', COMPONENT))).toMatchObject({ ...COMPONENT, mock: null })
  })

  it('sends a constant that is no JSON as a text', () => {
    const form = formOf('x', COMPONENT)
    form.mapping = [{ source: 'constant', from: 'eu-west', location: 'query', to: 'region', type: 'string', required: false }]
    expect(definitionOf(form).mapping).toEqual([{ to: { in: 'query', name: 'region' }, from: { constant: 'eu-west' } }])
  })

  it('keeps several sources, and what becomes of a value, as they are', () => {
    const sources: Assignment['from'][] = [[{ in: 'body', name: 'a', as: 'base64' }, { constant: 1 }], { in: 'query', name: 'b', values: { on: 1 } }]
    const mapping = sources.map((from, index) => ({ to: { in: 'body' as const, name: `to_${index}` }, from }))
    const form = formOf('x', { ...COMPONENT, mapping })
    expect(form.mapping.map(({ source }) => source)).toEqual(['sources', 'sources'])
    expect(definitionOf(form).mapping).toEqual(mapping)
  })

  it('leaves usual scopes, and what was not told of reading, to the server', () => {
    expect(definitionOf(formOf('new', {}))).toMatchObject({ scopes: null, is_read: null, upstream: 'default', mock: null })
  })

  it('sends a mock answer only while it is switched on', () => {
    const form = formOf('new', { method: 'GET', path: '/', mock: { status: 201, headers: { 'x-a': 'b' }, body: '{}' } })
    expect(definitionOf(form).mock).toEqual({ status: 201, headers: { 'x-a': 'b' }, body: '{}' })
    form.mocked = false
    expect(definitionOf(form).mock).toBeNull()
  })
})

describe('wrongSections', () => {
  it('are those whose members have a message', () => {
    expect(wrongSections({ 'mapping.0.to.name': 'is written twice', 'body_schema/properties': 'is wrong' })).toEqual(new Set(['request', 'upstream']))
  })
})
