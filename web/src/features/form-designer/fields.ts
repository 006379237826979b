import type { FormModel, JsonObject, JsonSchema } from '@/api/types'

export const KINDS = ['text', 'lines', 'integer', 'number', 'boolean', 'choice', 'choices', 'date', 'moment', 'list', 'people'] as const
/** How a field is asked for; `other` is what only the definition can say. */
export type FieldKind = (typeof KINDS)[number] | 'other'

export interface Choice {
  value: string
  title: string
}

/** One input of a flow as its designer sees it; empty texts, `undefined` and no choices stand for what is not set. */
export interface FormField {
  name: string
  kind: FieldKind
  title: string
  description: string
  required: boolean
  value: unknown
  choices: Choice[]
}

interface Element {
  type?: unknown
  scope?: unknown
  options?: JsonObject
}

const scopeOf = (name: string): string => `#/properties/${name}`
const asObject = (value: unknown): JsonObject => (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {})
const text = (value: unknown): string => (typeof value === 'string' ? value : '')

/** The schema of a kind, without what every field has. */
function schemaOf(kind: FieldKind, choices: Choice[]): JsonSchema {
  const constants = choices.map(({ value, title }) => ({ const: value, title: title === '' ? value : title }))
  switch (kind) {
    case 'integer':
    case 'number':
    case 'boolean':
      return { type: kind }
    case 'choice':
      return { type: 'string', oneOf: constants }
    case 'choices':
      return { type: 'array', items: { type: 'string', oneOf: constants }, uniqueItems: true }
    case 'date':
      return { type: 'string', format: 'date' }
    case 'moment':
      return { type: 'string', format: 'date-time' }
    case 'list':
      return { type: 'array', items: { type: 'string' } }
    default:
      return { type: 'string' }
  }
}
const OPTIONS: Partial<Record<FieldKind, JsonObject>> = { lines: { multi: true }, people: { widget: 'people' } }

function choicesIn(schema: JsonObject): Choice[] | null {
  if (Array.isArray(schema.enum)) return schema.enum.every((value) => typeof value === 'string') ? schema.enum.map((value) => ({ value, title: '' })) : null
  if (!Array.isArray(schema.oneOf)) return []
  const found = schema.oneOf.map(asObject)
  return found.every((each) => typeof each.const === 'string') ? found.map((each) => ({ value: text(each.const), title: text(each.title) === text(each.const) ? '' : text(each.title) })) : null
}

function kindOf(schema: JsonObject, options: JsonObject): FieldKind {
  if (Object.keys(options).some((name) => name !== 'multi' && name !== 'widget')) return 'other'
  const choices = choicesIn(schema.type === 'array' ? asObject(schema.items) : schema)
  if (choices === null) return 'other'
  if (schema.type === 'integer' || schema.type === 'number' || schema.type === 'boolean') return choices.length === 0 ? schema.type : 'other'
  if (schema.type === 'array') return asObject(schema.items).type !== 'string' || 'format' in asObject(schema.items) ? 'other' : choices.length > 0 ? 'choices' : 'list'
  if (schema.type !== 'string') return 'other'
  if (choices.length > 0) return 'choice'
  if (schema.format === 'date') return 'date'
  if (schema.format === 'date-time') return 'moment'
  if (schema.format !== undefined) return 'other'
  if (options.widget === 'people') return 'people'
  return options.widget !== undefined ? 'other' : options.multi === true ? 'lines' : 'text'
}

function elementsOf(form: FormModel | null): Element[] | null {
  const elements = asObject(form?.uischema).elements
  return Array.isArray(elements) ? (elements as Element[]) : null
}

/** The fields of a form in the order in which they are asked. */
export function fieldsOf(form: FormModel | null): FormField[] {
  const properties = asObject(form?.schema.properties)
  const required = Array.isArray(form?.schema.required) ? form.schema.required : []
  const elements = elementsOf(form) ?? []
  const drawn = elements.map(({ scope }) => text(scope).replace('#/properties/', '')).filter((name) => name in properties)
  return [...new Set([...drawn, ...Object.keys(properties)])].map((name) => {
    const schema = asObject(properties[name])
    const options = asObject(elements.find(({ scope }) => scope === scopeOf(name))?.options)
    return {
      name,
      kind: kindOf(schema, options),
      title: text(schema.title),
      description: text(schema.description),
      required: required.includes(name),
      value: schema.default,
      choices: choicesIn(schema.type === 'array' ? asObject(schema.items) : schema) ?? [],
    }
  })
}

const OF_KIND = ['type', 'format', 'enum', 'oneOf', 'items', 'uniqueItems']

function propertyOf(field: FormField, before: JsonObject, beforeKind: FieldKind | undefined): JsonObject {
  const same = field.kind === 'other' || (field.kind === beforeKind && JSON.stringify(schemaOf(field.kind, field.choices)) === JSON.stringify(schemaOf(field.kind, choicesIn(before.type === 'array' ? asObject(before.items) : before) ?? [])))
  const rest = Object.fromEntries(Object.entries(before).filter(([name]) => !['title', 'description', 'default', ...(same ? [] : OF_KIND)].includes(name)))
  return {
    ...rest,
    ...(same ? {} : schemaOf(field.kind, field.choices)),
    ...(field.title === '' ? {} : { title: field.title }),
    ...(field.description === '' ? {} : { description: field.description }),
    ...(field.value === undefined ? {} : { default: field.value }),
  } as JsonObject
}

/** The form with these fields, in this order; whatever else stood at a field or in the form is kept. */
export function withFields(form: FormModel | null, fields: FormField[]): FormModel | null {
  if (fields.length === 0) return null
  const properties = asObject(form?.schema.properties)
  const kinds = new Map(fieldsOf(form).map(({ name, kind }) => [name, kind]))
  const elements = elementsOf(form) ?? []
  const elementOf = ({ name, kind }: FormField): Element => {
    const before = elements.find(({ scope }) => scope === scopeOf(name))
    if (before !== undefined && kinds.get(name) === kind) return before
    return { type: 'Control', scope: scopeOf(name), ...(OPTIONS[kind] === undefined ? {} : { options: OPTIONS[kind] }) }
  }
  const required = fields.filter((field) => field.required).map(({ name }) => name)
  const schema: JsonSchema = { ...form?.schema, type: 'object', properties: Object.fromEntries(fields.map((field) => [field.name, propertyOf(field, asObject(properties[field.name]), kinds.get(field.name))])) }
  delete schema.required
  // What is no field of the top (texts, groups) stays before the fields.
  const others = elements.filter(({ scope }) => !(text(scope).replace('#/properties/', '') in properties))
  const uischema = { type: 'VerticalLayout', ...asObject(form?.uischema), elements: [...others, ...fields.map(elementOf)] } as JsonObject
  return { ...form, schema: required.length === 0 ? schema : { ...schema, required }, uischema }
}

/** Why an input can't have a name; null when it can. */
export function whyNotNamed(fields: FormField[], name: string): 'empty' | 'characters' | 'taken' | null {
  if (name === '') return 'empty'
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return 'characters'
  return fields.some((field) => field.name === name) ? 'taken' : null
}

export function newField(name: string): FormField {
  return { name, kind: 'text', title: '', description: '', required: false, value: undefined, choices: [] }
}

const CHOSEN: readonly FieldKind[] = ['choice', 'choices']

/** The field with one more choice, of a value that none has. */
export function withChoice(field: FormField): FormField {
  let number = field.choices.length + 1
  while (field.choices.some(({ value }) => value === String(number))) number += 1
  return { ...field, choices: [...field.choices, { value: String(number), title: '' }] }
}

/** The field with another kind; a default that fitted the one before is gone. What is chosen from has a first choice. */
export function ofKind(field: FormField, kind: FieldKind): FormField {
  const other = { ...field, kind, value: undefined, choices: CHOSEN.includes(kind) ? field.choices : [] }
  return CHOSEN.includes(kind) && other.choices.length === 0 ? withChoice(other) : other
}
