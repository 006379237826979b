import { describe, expect, it } from 'vitest'
import type { FormModel } from '@/api/types'
import { fieldsOf, KINDS, newField, ofKind, whyNotNamed, withChoice, withFields } from './fields'

const form: FormModel = {
  schema: {
    type: 'object',
    properties: {
      host: { type: 'string', title: 'Host', minLength: 3 },
      how: { type: 'string', oneOf: [{ const: 'a', title: 'Softly' }, { const: 'b', title: 'b' }] },
      much: { type: 'integer', minimum: 1, default: 3 },
      odd: { type: 'object', properties: {} },
      drawn: { type: 'string', title: 'Drawn by its plugin' },
    },
    required: ['host'],
    additionalProperties: false,
  },
  uischema: { type: 'VerticalLayout', elements: [{ type: 'Label', text: 'Hello' }, { type: 'Control', scope: '#/properties/much' }, { type: 'Control', scope: '#/properties/drawn', options: { source: { plugin: 'p', version: '1.0.0', field: 'f' } } }] },
  i18n: { zh: { host: '主机' } },
}

describe('the fields of a form', () => {
  it('stand in the order they are drawn in, then as they are declared', () => {
    expect(fieldsOf(form).map(({ name, kind }) => `${name} ${kind}`)).toEqual(['much integer', 'drawn other', 'host text', 'how choice', 'odd other'])
    expect(fieldsOf(form)[3]?.choices).toEqual([{ value: 'a', title: 'Softly' }, { value: 'b', title: '' }])
    expect(fieldsOf(null)).toEqual([])
  })
  it('come back as they were where nothing is changed', () => {
    const again = withFields(form, fieldsOf(form))
    expect(again?.schema).toEqual(form.schema)
    expect(again?.i18n).toEqual(form.i18n)
    expect(fieldsOf(again)).toEqual(fieldsOf(form))
    expect(again?.uischema?.elements).toContainEqual({ type: 'Label', text: 'Hello' })
    expect(again?.uischema?.elements).toContainEqual({ type: 'Control', scope: '#/properties/drawn', options: { source: { plugin: 'p', version: '1.0.0', field: 'f' } } })
  })
  it('keep what only the definition says of a field that is changed', () => {
    const fields = fieldsOf(form).map((field) => (field.name === 'host' ? { ...field, title: 'Machine', required: false } : field))
    const changed = withFields(form, fields)
    expect(changed?.schema.properties).toMatchObject({ host: { type: 'string', title: 'Machine', minLength: 3 } })
    expect(changed?.schema.required).toBeUndefined()
  })
  it('are no form when there are none', () => {
    expect(withFields(form, [])).toBeNull()
  })
})

it.each(KINDS)('writes a %s so that it is read as one', (kind) => {
  const field = { ...ofKind(newField('x'), kind), title: 'X', required: true }
  expect(fieldsOf(withFields(null, [field]))).toEqual([field])
})

it('offers a choice from the first, and each under a value of its own', () => {
  const field = withChoice(withChoice(ofKind(newField('x'), 'choice')))
  expect(field.choices.map(({ value }) => value)).toEqual(['1', '2', '3'])
  expect(withChoice({ ...field, choices: field.choices.slice(1) }).choices.map(({ value }) => value)).toEqual(['2', '3', '4'])
  expect(ofKind(field, 'text').choices).toEqual([])
})

it('forgets the former kind of a field, and a default that fitted it', () => {
  const [much] = fieldsOf(form)
  if (much === undefined) throw new Error('no field')
  const changed = withFields(form, [ofKind(much, 'boolean')])
  expect(changed?.schema.properties).toEqual({ much: { type: 'boolean', minimum: 1 } })
})

it('says why an input is not named so', () => {
  const fields = fieldsOf(form)
  expect(whyNotNamed(fields, '')).toBe('empty')
  expect(whyNotNamed(fields, '2nd host')).toBe('characters')
  expect(whyNotNamed(fields, 'host')).toBe('taken')
  expect(whyNotNamed(fields, 'host_2')).toBeNull()
})
