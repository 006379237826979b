import type { FormModel, JsonObject, JsonSchema } from '@/api/types'
import { appended, controlsOf, layoutOf, rearranged, scopeOf, type Element } from './formLayout'

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

const asObject = (value: unknown): JsonObject => (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {})
const text = (value: unknown): string => (typeof value === 'string' ? value : '')

/** The schema of a kind, without what every field has. */
function schemaOf(kind: FieldKind, choices: Choice[]): JsonSchema {
  const constants = choices.map(({ value, title }) => (title === '' ? { const: value } : { const: value, title }))
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
  return found.every((each) => typeof each.const === 'string') ? found.map((each) => ({ value: text(each.const), title: text(each.title) })) : null
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

/** The fields of a form in the order in which they are asked. */
export function fieldsOf(form: FormModel | null): FormField[] {
  const properties = asObject(form?.schema.properties)
  const required = Array.isArray(form?.schema.required) ? form.schema.required : []
  const controls = controlsOf(layoutOf(form))
  const drawn = [...controls.keys()].filter((name) => name in properties)
  return [...new Set([...drawn, ...Object.keys(properties)])].map((name) => {
    const schema = asObject(properties[name])
    const options = asObject(controls.get(name)?.options)
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

function controlOf({ name, kind }: FormField, before: Element | undefined, beforeKind: FieldKind | undefined): Element {
  if (before !== undefined && beforeKind === kind) return before
  const control: Element = { type: 'Control', scope: scopeOf(name), ...before }
  delete control.options
  return OPTIONS[kind] === undefined ? control : { ...control, options: OPTIONS[kind] }
}

/** The form's layout with these fields in their order; a field that was not drawn before is not drawn now. */
function layoutWith(form: FormModel | null, fields: FormField[], before: Map<string, FormField>): Element {
  const layout = layoutOf(form)
  const controls = controlsOf(layout)
  const drawn = new Map(fields.map((field) => [field.name, controlOf(field, controls.get(field.name), before.get(field.name)?.kind)]))
  if (layout === null) return { type: 'VerticalLayout', elements: [...drawn.values()] }
  const added = [...drawn].filter(([name]) => !before.has(name) && !controls.has(name)).map(([, control]) => control)
  const moved = new Map([...drawn].filter(([name]) => controls.has(name)))
  const gone = new Set([...before.keys()].filter((name) => !drawn.has(name)))
  return appended(rearranged(layout, moved, gone), added)
}

/** The form with these fields, in this order; whatever else stood at a field or in the form is kept. */
export function withFields(form: FormModel | null, fields: FormField[]): FormModel | null {
  if (fields.length === 0) return null
  const properties = asObject(form?.schema.properties)
  const before = new Map(fieldsOf(form).map((field) => [field.name, field]))
  const required = fields.filter((field) => field.required).map(({ name }) => name)
  const schema: JsonSchema = { ...form?.schema, type: 'object', properties: Object.fromEntries(fields.map((field) => [field.name, propertyOf(field, asObject(properties[field.name]), before.get(field.name)?.kind)])) }
  delete schema.required
  const uischema = layoutWith(form, fields, before) as JsonObject
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

/** A preset in which a value has become another one, or is gone. */
function presetWith(preset: unknown, value: string, next: string | undefined): unknown {
  if (preset === value) return next
  if (!Array.isArray(preset)) return preset
  return (preset as unknown[]).flatMap((each) => (each !== value ? [each] : next === undefined ? [] : [next]))
}

/** The field with a choice as it is typed now; the preset goes with the value, where no other choice has it as well. */
export function withChoiceAt(field: FormField, index: number, part: Partial<Choice>): FormField {
  const choices = field.choices.map((choice, at) => (at === index ? { ...choice, ...part } : choice))
  const former = field.choices[index]?.value
  if (former === undefined || part.value === undefined || choices.some(({ value }) => value === former)) return { ...field, choices }
  return { ...field, choices, value: presetWith(field.value, former, part.value) }
}

/** The field without a choice, and without it as its preset; the last one stays. */
export function withoutChoiceAt(field: FormField, index: number): FormField {
  const former = field.choices[index]?.value
  if (former === undefined || field.choices.length === 1) return field
  const choices = field.choices.filter((_, at) => at !== index)
  return { ...field, choices, value: choices.some(({ value }) => value === former) ? field.value : presetWith(field.value, former, undefined) }
}

/** The field with another kind; a default that fitted the one before is gone. What is chosen from has a first choice. */
export function ofKind(field: FormField, kind: FieldKind): FormField {
  const other = { ...field, kind, value: undefined, choices: CHOSEN.includes(kind) ? field.choices : [] }
  return CHOSEN.includes(kind) && other.choices.length === 0 ? withChoice(other) : other
}
