import { describe, expect, it } from 'vitest'
import type { FormModel, JsonObject } from '@/api/types'
import { fieldsOf, newField, ofKind, withFields, type FormField } from './fields'

const control = (name: string, more: JsonObject = {}): JsonObject => ({ type: 'Control', scope: `#/properties/${name}`, ...more })
const heading: JsonObject = { type: 'Label', text: 'Then' }
const rule: JsonObject = { effect: 'HIDE', condition: { scope: '#/properties/a', schema: { const: 'x' } } }

function formOf(uischema: JsonObject | null): FormModel {
  const text = { type: 'string' }
  return { schema: { type: 'object', properties: { a: text, b: text, c: text, hidden: text } }, uischema } as FormModel
}
const grouped = formOf({
  type: 'VerticalLayout',
  elements: [{ type: 'Group', label: 'First', elements: [control('b', { label: 'Bee', rule })] }, heading, { type: 'HorizontalLayout', elements: [control('a'), control('c')] }],
})
const tabs = formOf({
  type: 'Categorization',
  elements: [{ type: 'Category', label: 'One', elements: [control('a')] }, { type: 'Category', label: 'Two', elements: [control('b'), control('c')] }],
})
function edited(form: FormModel, change: (fields: FormField[]) => FormField[]): unknown {
  return withFields(form, change(fieldsOf(form)))?.uischema
}
const sorted = (fields: FormField[], order: string): FormField[] => fields.toSorted((one, two) => order.indexOf(one.name) - order.indexOf(two.name))

describe('a form with groups, tabs and headings', () => {
  it.each([grouped, tabs])('has its fields in the order in which they are drawn', (form) => {
    expect(fieldsOf(form).map(({ name }) => name)).toEqual(form === tabs ? ['a', 'b', 'c', 'hidden'] : ['b', 'a', 'c', 'hidden'])
  })
  it.each([grouped, tabs])('stays as it is when a title is changed', (form) => {
    expect(edited(form, (fields) => fields.map((field) => ({ ...field, title: 'New' })))).toEqual(form.uischema)
  })
  it('has another order in the places that there are', () => {
    expect(edited(grouped, (fields) => sorted(fields, 'abc'))).toEqual({
      type: 'VerticalLayout',
      elements: [{ type: 'Group', label: 'First', elements: [control('a')] }, heading, { type: 'HorizontalLayout', elements: [control('b', { label: 'Bee', rule }), control('c')] }],
    })
  })
  it('loses the place of a field that is removed', () => {
    expect(edited(grouped, (fields) => fields.filter(({ name }) => name !== 'a'))).toEqual({
      type: 'VerticalLayout',
      elements: [{ type: 'Group', label: 'First', elements: [control('b', { label: 'Bee', rule })] }, heading, { type: 'HorizontalLayout', elements: [control('c')] }],
    })
  })
  it('has a new field at its end, in the last of its tabs', () => {
    const added = (fields: FormField[]): FormField[] => [...fields, newField('fresh')]
    expect(edited(grouped, added)).toEqual({ type: 'VerticalLayout', elements: [...(grouped.uischema?.elements as JsonObject[]), control('fresh')] })
    expect(edited(tabs, added)).toEqual({
      type: 'Categorization',
      elements: [{ type: 'Category', label: 'One', elements: [control('a')] }, { type: 'Category', label: 'Two', elements: [control('b'), control('c'), control('fresh')] }],
    })
  })
  it('keeps label and rule of a field of another kind', () => {
    expect(edited(grouped, (fields) => fields.map((field) => (field.name === 'b' ? ofKind(field, 'lines') : field)))).toMatchObject({
      elements: [{ elements: [control('b', { label: 'Bee', rule, options: { multi: true } })] }, heading, {}],
    })
  })
})

it('loses the controls inside a field that is removed', () => {
  const inside = control('a/properties/street')
  const form = formOf({ type: 'VerticalLayout', elements: [inside, control('b')] })
  expect(edited(form, (fields) => fields)).toEqual(form.uischema)
  expect(edited(form, (fields) => fields.filter(({ name }) => name !== 'a'))).toEqual({ type: 'VerticalLayout', elements: [control('b')] })
})

it('draws a new field below one that is the whole form', () => {
  expect(edited(formOf(control('a')), (fields) => [...fields, newField('fresh')])).toEqual({ type: 'VerticalLayout', elements: [control('a'), control('fresh')] })
})

it('draws all fields of a form without a layout', () => {
  expect(edited(formOf(null), (fields) => fields)).toEqual({ type: 'VerticalLayout', elements: ['a', 'b', 'c', 'hidden'].map((name) => control(name)) })
})
