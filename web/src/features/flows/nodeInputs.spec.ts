import { describe, expect, it } from 'vitest'
import type { FlowDefinition } from '@/api/types'
import { boundFields, variablesAt, withVariables } from './nodeInputs'

const definition = {
  nodes: [{ id: 'start', kind: 'start' }, { id: 'a', kind: 'plugin', plugin: 'p' }, { id: 'b', kind: 'plugin', plugin: 'p' }, { id: 'c', kind: 'plugin', plugin: 'p' }],
  edges: [{ id: '1', source: 'start', target: 'a' }, { id: '2', source: 'a', target: 'b' }, { id: '3', source: 'b', target: 'c' }],
  form: { schema: { type: 'object', properties: { host: {} } } },
} as unknown as FlowDefinition

describe('variablesAt', () => {
  it('knows the inputs and the nodes that come before', () => {
    expect(variablesAt(definition, 'b').slice(0, 2)).toEqual(['${inputs.host}', '${nodes.a.outputs.}'])
    expect(variablesAt(definition, 'b')).not.toContain('${nodes.c.outputs.}')
    expect(variablesAt({ ...definition, constants: { dir: { value: '/x' } } }, 'a').slice(0, 2)).toEqual(['${inputs.host}', '${constants.dir}'])
  })

  it('knows the variables of the project', () => {
    expect(variablesAt(definition, 'b', ['region']).at(-1)).toBe('${project.variables.region}')
  })

  it('knows the secrets of the project, as each has to be written', () => {
    expect(variablesAt(definition, 'b', ['region'], ['db-password', 'db.password', '2nd']).slice(-3)).toEqual(['${project.secrets.db-password}', '${project.secrets["db.password"]}', '${project.secrets.2nd}'])
  })
})

describe('withVariables', () => {
  const form = { schema: { properties: { ip: { type: 'string', title: 'IP' } } }, uischema: { elements: [{ type: 'Control', scope: '#/properties/ip', options: { tag: 'input' } }] } }
  const node = { id: 'a', kind: 'plugin', plugin: 'p', version: '1.0.0', inputs: { ip: '${inputs.address}' } } as const

  it('asks at launch what a field was bound to, drawn as the plugin draws it', () => {
    const { form: made } = withVariables(definition, node, form as never)
    expect(made?.schema.properties).toEqual({ host: {}, address: { type: 'string', title: 'IP' } })
    expect((made?.uischema as unknown as { elements: unknown[] }).elements).toEqual([
      { type: 'Control', scope: '#/properties/host' },
      { type: 'Control', scope: '#/properties/address', options: { source: { plugin: 'p', version: '1.0.0', field: 'ip' } } },
    ])
  })

  it('asks it in the tab of what the node asks for besides, else in the last one', () => {
    const control = (name: string): object => ({ type: 'Control', scope: `#/properties/${name}` })
    const tab = (label: string, ...names: string[]): object => ({ type: 'Category', label, elements: names.map(control) })
    const tabs = { type: 'Categorization', elements: [tab('Where', 'host'), tab('How', 'how')] }
    const tabbed = { ...definition, form: { schema: { type: 'object', properties: { host: {}, how: {} } }, uischema: tabs } } as unknown as FlowDefinition
    const two = { ...form, schema: { properties: { ip: {}, port: {} } }, uischema: null }
    const made = (inputs: Record<string, string>): unknown => (withVariables(tabbed, { ...node, inputs }, two as never).form?.uischema as unknown as { elements: unknown }).elements
    expect(made({ ip: '${inputs.host}', port: '${inputs.port}' })).toEqual([tab('Where', 'host', 'port'), tab('How', 'how')])
    expect(made({ port: '${inputs.port}' })).toEqual([tab('Where', 'host'), tab('How', 'how', 'port')])
  })

  it('leaves alone what is asked already', () => {
    expect(withVariables(definition, { ...node, inputs: { ip: '${inputs.host}' } }, form as never)).toBe(definition)
  })
})

describe('boundFields', () => {
  it('leaves out those that forbid it', () => {
    const form = { schema: { properties: { a: {}, b: {} } }, uischema: { elements: [{ scope: '#/properties/b', options: { hookable: false } }] } }
    expect(boundFields(form as never)).toEqual(['a'])
    expect(boundFields(null)).toEqual([])
  })
})
