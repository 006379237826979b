import type { JsonObject } from '@/api/types'

export type Query = Record<string, string | null | (string | null)[] | undefined>

interface Field {
  type?: string | string[]
  writeOnly?: boolean
}

function fieldsOf(schema: JsonObject): Record<string, Field> {
  return (schema.properties ?? {}) as Record<string, Field>
}

/** Names of the inputs that take a secret: no link and nothing that is kept has them. */
function secretNames(schema: JsonObject): string[] {
  return Object.entries(fieldsOf(schema)).filter(([, field]) => field.writeOnly === true).map(([name]) => name)
}

export function withoutSecrets(inputs: JsonObject, schema: JsonObject): JsonObject {
  const secret = new Set(secretNames(schema))
  return Object.fromEntries(Object.entries(inputs).filter(([name]) => !secret.has(name)))
}

function read(text: string, { type }: Field): unknown {
  const types = [type].flat()
  if (types.includes('string') || type === undefined) return text
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

/** The inputs a link fills in: only those the form has, and never secrets; `ignored` are the others it names. */
export function prefilled(query: Query, schema: JsonObject): { inputs: JsonObject; ignored: string[] } {
  const fields = fieldsOf(schema)
  const inputs: JsonObject = {}
  const ignored: string[] = []
  for (const [name, given] of Object.entries(query)) {
    const text = Array.isArray(given) ? given[0] : given
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined
    const value = field === undefined || field.writeOnly === true || typeof text !== 'string' ? undefined : read(text, field)
    if (value === undefined) ignored.push(name)
    else inputs[name] = value
  }
  return { inputs, ignored }
}

/** What stands in a link that fills in these inputs. */
export function linkQuery(inputs: JsonObject, schema: JsonObject): Record<string, string> {
  const fields = fieldsOf(schema)
  const kept = Object.entries(withoutSecrets(inputs, schema)).filter(([name, value]) => Object.hasOwn(fields, name) && value !== undefined)
  return Object.fromEntries(kept.map(([name, value]) => [name, typeof value === 'string' && isText(fields[name]) ? value : JSON.stringify(value)]))
}

function isText(field: Field | undefined): boolean {
  return field?.type === undefined || [field.type].flat().includes('string')
}
