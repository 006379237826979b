import type { JsonSchema } from '@/api/types'

export interface SchemaRow {
  /** Dotted address; `[]` marks the items of an array. */
  path: string
  name: string
  depth: number
  type: string
  required: boolean
  title: string
  description: string
  choices: string[]
  fallback: string | null
}

const MAX_DEPTH = 6

function asSchema(value: unknown): JsonSchema | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonSchema) : null
}

/** Follows a local `$ref`; one that leads nowhere is left as it is. */
function resolved(schema: JsonSchema, root: JsonSchema): JsonSchema {
  const reference = schema.$ref
  if (typeof reference !== 'string' || !reference.startsWith('#/')) return schema
  let found: unknown = root
  for (const part of reference.slice(2).split('/')) {
    found = asSchema(found)?.[part.replaceAll('~1', '/').replaceAll('~0', '~')]
  }
  const target = asSchema(found)
  return target === null ? schema : { ...target, ...schema, $ref: undefined }
}

/** The alternatives of a schema. */
function branches(schema: JsonSchema): JsonSchema[] {
  const listed = schema.anyOf ?? schema.oneOf
  return Array.isArray(listed) ? listed.map(asSchema).filter((branch) => branch !== null) : []
}

/** A schema that may also be null, without that: what can be in it then is plain to see. */
function withoutNull(schema: JsonSchema, root: JsonSchema): JsonSchema {
  const some = branches(schema).filter(({ type }) => type !== 'null')
  const [only] = some
  return only !== undefined && some.length === 1 ? { ...schema, ...resolved(only, root), anyOf: undefined, oneOf: undefined } : schema
}

/** The type of a schema in a word or two. */
export function typeName(schema: JsonSchema): string {
  const { type, format } = schema
  if (Array.isArray(type)) return type.join(' | ')
  if (type === 'array') {
    const items = asSchema(schema.items)
    return items === null ? 'array' : `array of ${typeName(items)}`
  }
  if (typeof type === 'string') return typeof format === 'string' ? `${type} (${format})` : type
  if (Array.isArray(schema.enum)) return 'choice'
  if (asSchema(schema.properties) !== null) return 'object'
  const choices = branches(schema)
  if (choices.length > 0 && choices.length <= 3) return [...new Set(choices.map(typeName))].join(' | ')
  if (choices.length > 3) return 'one of several'
  return 'any'
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** The properties of a schema as lines of a table, nested ones below their parent. */
export function schemaRows(schema: JsonSchema | null | undefined, root: JsonSchema = schema ?? {}, prefix = '', depth = 0): SchemaRow[] {
  if (schema === null || schema === undefined || depth > MAX_DEPTH) return []
  const whole = resolved(schema, root)
  const required = Array.isArray(whole.required) ? whole.required : []
  return Object.entries(asSchema(whole.properties) ?? {}).flatMap(([name, value]) => {
    const declared = resolved(asSchema(value) ?? {}, root)
    const property = withoutNull(declared, root)
    const path = prefix === '' ? name : `${prefix}.${name}`
    const items = asSchema(property.items)
    const inner =
      property.type === 'array' && items !== null
        ? schemaRows(items, root, `${path}[]`, depth + 1)
        : schemaRows(property, root, path, depth + 1)
    const row: SchemaRow = {
      path,
      name,
      depth,
      type: property === declared ? typeName(property) : `${typeName(property)} | null`,
      required: required.includes(name),
      title: text(property.title),
      description: text(property.description),
      choices: Array.isArray(property.enum) ? property.enum.map(String) : [],
      fallback: property.default === undefined || property.default === null ? null : JSON.stringify(property.default),
    }
    return [row, ...inner]
  })
}
