import { describe, expect, it } from 'vitest'
import type { FormModel } from '@/api/types'
import { fieldsOf, KINDS, newField, ofKind, whyNotNamed, withChoice, withChoiceAt, withFields, withoutChoiceAt } from './fields'

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
    expect(fieldsOf(form)[3]?.choices).toEqual([{ value: 'a', title: 'Softly' }, { value: 'b', title: 'b' }])
    expect(fieldsOf(null)).toEqual([])
  })
  it('come back as they were where nothing is changed', () => {
    const again = withFields(form, fieldsOf(form))
    expect(again).toEqual(form)
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

describe('a choice', () => {
  const field = { ...ofKind(newField('x'), 'choice'), choices: [{ value: 'prod', title: '' }, { value: 'test', title: 'Test' }], value: 'prod' }

  it('has the title that is typed, even where that is its value for a while', () => {
    const typed = withFields(null, [withChoiceAt(field, 0, { title: 'prod' })])
    expect(fieldsOf(typed)[0]?.choices[0]).toEqual({ value: 'prod', title: 'prod' })
    expect(withFields(null, [field])?.schema.properties).toMatchObject({ x: { oneOf: [{ const: 'prod' }, { const: 'test', title: 'Test' }] } })
    expect(JSON.stringify(withFields(null, [field]))).not.toContain('"title":"prod"')
  })
  it('takes the preset along when its value is changed, and away when it is removed', () => {
    expect(withChoiceAt(field, 0, { value: 'live' })).toMatchObject({ value: 'live', choices: [{ value: 'live' }, { value: 'test' }] })
    expect(withChoiceAt(field, 1, { value: 'tests' }).value).toBe('prod')
    expect(withChoiceAt({ ...field, kind: 'choices', value: ['test', 'prod'] }, 0, { value: 'live' }).value).toEqual(['test', 'live'])
    expect(withoutChoiceAt(field, 0)).toMatchObject({ value: undefined, choices: [{ value: 'test' }] })
    expect(withoutChoiceAt(field, 1).value).toBe('prod')
  })
  it('leaves the preset to another one of the same value', () => {
    const twins = withChoiceAt(field, 1, { value: 'prod' })
    expect(withChoiceAt(twins, 1, { value: 'prod2' }).value).toBe('prod')
    expect(withoutChoiceAt(twins, 1).value).toBe('prod')
  })
  it('stays when it is the last', () => {
    const one = ofKind(newField('x'), 'choice')
    expect(withoutChoiceAt(one, 0)).toEqual(one)
  })
})
