import type { JsonObject, JsonSchema } from '@/api/types'

/**
 * JSON Schema as a form can draw it. Forms know fields and lists of lines; a schema may also refer to its definitions,
 * allow null beside a type, and have members of any name. The last become lines of a name and a value: the data are
 * turned with `toForm` and back with `fromForm`, and the address of a wrong value with `formPath`.
 */
const NAME = 'name'
const VALUE = 'value'
const DEEPEST = 12

function asSchema(value: unknown): JsonSchema | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonSchema) : null
}
function asObject(value: unknown): JsonObject {
  return asSchema(value) ?? {}
}

function without(schema: JsonSchema, names: string[]): JsonSchema {
  return Object.fromEntries(Object.entries(schema).filter(([name]) => !names.includes(name)))
}

/** Local references put in place, `null` taken out of the alternatives. */
export function plainSchema(schema: JsonSchema, root: JsonSchema = schema, depth = 0): JsonSchema {
  if (depth > DEEPEST) return {}
  const { $ref, anyOf } = schema
  const rest = without(schema, ['$ref', '$defs', 'anyOf'])
  if (typeof $ref === 'string') {
    const target = asSchema(asObject(root.$defs)[$ref.replace('#/$defs/', '')]) ?? {}
    return plainSchema({ ...target, ...rest }, root, depth + 1)
  }
  const branches = Array.isArray(anyOf) ? anyOf.filter((branch) => asSchema(branch)?.type !== 'null') : []
  const [only] = branches
  if (branches.length === 1) return plainSchema({ ...rest, ...asSchema(only) }, root, depth + 1)
  const inner = (value: unknown): JsonSchema => plainSchema(asObject(value), root, depth + 1)
  const plain: JsonSchema = anyOf === undefined ? { ...rest } : { ...rest, anyOf }
  if (asSchema(rest.items) !== null) plain.items = inner(rest.items)
  for (const members of ['properties', 'patternProperties']) {
    const declared = asSchema(rest[members])
    if (declared !== null) plain[members] = Object.fromEntries(Object.entries(declared).map(([name, value]) => [name, inner(value)]))
  }
  if (asSchema(rest.additionalProperties) !== null) plain.additionalProperties = inner(rest.additionalProperties)
  return plain
}

/** The schema of the values of an object whose members may have any name. */
function valuesOf(schema: JsonSchema): JsonSchema | null {
  if (schema.type !== 'object' || Object.keys(asObject(schema.properties)).length > 0) return null
  const [pattern] = Object.values(asObject(schema.patternProperties))
  return asSchema(pattern) ?? asSchema(schema.additionalProperties)
}

/** The form's schema for a plain one. */
export function formSchema(schema: JsonSchema): JsonSchema {
  const values = valuesOf(schema)
  if (values !== null) {
    const rest = without(schema, ['patternProperties', 'additionalProperties', 'maxProperties'])
    const line = { type: 'object', properties: { [NAME]: { type: 'string' }, [VALUE]: formSchema(values) }, required: [NAME, VALUE] }
    return { ...rest, type: 'array', items: line, ...(rest.default === undefined ? {} : { default: [] }) }
  }
  const changed: JsonSchema = { ...schema }
  if (asSchema(schema.items) !== null) changed.items = formSchema(asObject(schema.items))
  const properties = asSchema(schema.properties)
  if (properties !== null) changed.properties = Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, formSchema(asObject(value))]))
  return changed
}

/** Data as the form holds them. */
export function toForm(value: unknown, schema: JsonSchema): unknown {
  const values = valuesOf(schema)
  if (values !== null) return Object.entries(asObject(value)).map(([name, one]) => ({ [NAME]: name, [VALUE]: toForm(one, values) }))
  if (Array.isArray(value)) return value.map((one) => toForm(one, asObject(schema.items)))
  if (asSchema(schema.properties) === null || asSchema(value) === null) return value
  return Object.fromEntries(Object.entries(asObject(value)).map(([name, one]) => [name, toForm(one, asObject(asObject(schema.properties)[name]))]))
}

/** What a form holds, as data. An object that was left empty is left out, as an emptied field is. */
export function fromForm(value: unknown, schema: JsonSchema): unknown {
  const values = valuesOf(schema)
  if (values !== null) {
    const lines = (Array.isArray(value) ? value : []).map(asObject).filter((line) => typeof line[NAME] === 'string')
    return Object.fromEntries(lines.map((line) => [line[NAME], fromForm(line[VALUE], values) ?? (values.type === 'string' ? '' : null)]))
  }
  if (Array.isArray(value)) return value.map((one) => fromForm(one, asObject(schema.items)))
  if (asSchema(schema.properties) === null || asSchema(value) === null) return value
  const members = Object.entries(asObject(value)).map(([name, one]) => [name, fromForm(one, asObject(asObject(schema.properties)[name]))] as const)
  return Object.fromEntries(members.filter(([, one]) => one !== undefined && !(asSchema(one) !== null && Object.keys(asObject(one)).length === 0)))
}

/**
 * What a form of a plain schema starts with: the defaults, also those inside of objects that are required. Inside of
 * optional ones they would ask for the rest of them.
 */
export function startData(schema: JsonSchema): JsonObject {
  const required = Array.isArray(schema.required) ? (schema.required as unknown[]) : []
  const kept = Object.entries(asObject(schema.properties)).flatMap(([name, value]) => {
    const property = asObject(value)
    if (property.default !== undefined && property.default !== null) return [[name, JSON.parse(JSON.stringify(property.default))]]
    const inner = required.includes(name) && asSchema(property.properties) !== null ? startData(property) : {}
    return Object.keys(inner).length > 0 ? [[name, inner]] : []
  })
  return Object.fromEntries(kept) as JsonObject
}

/** Where in the form a value of the data stands. */
export function formPath(path: string[], schema: JsonSchema, data: unknown): string[] {
  const [head, ...rest] = path
  if (head === undefined) return []
  const values = valuesOf(schema)
  if (values !== null) {
    const line = Object.keys(asObject(data)).indexOf(head)
    return line < 0 ? [] : [String(line), VALUE, ...formPath(rest, values, asObject(data)[head])]
  }
  const inner = Array.isArray(data) ? asObject(schema.items) : asObject(asObject(schema.properties)[head])
  return [head, ...formPath(rest, inner, (data as JsonObject | null | undefined)?.[head])]
}
