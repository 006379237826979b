import type { ComponentParameter, FormModel, JsonObject, JsonSchema, Trial } from '@/api/types'
import { formSchema, fromForm, plainSchema, startData, toForm } from '@/shared/forms/schemaForms'

/** What can be tried: a component of a release, or of the draft. */
export interface Tried {
  name: string
  method: string
  path: string
  parameters: ComponentParameter[]
  body_schema: JsonSchema | null
  match_subpath?: boolean
}

type Place = 'path' | 'query' | 'headers'
const PLACES: [string, Place][] = [['path', 'path'], ['query', 'query'], ['header', 'headers']]
const REST = '*'

/** Parameters of the path that are in the template, declared or not. */
function pathParameters({ path, parameters, match_subpath }: Tried): ComponentParameter[] {
  const names = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name ?? '')
  const declared = names.map((name) => parameters.find((one) => one.in === 'path' && one.name === name) ?? { name, in: 'path', schema: { type: 'string' } })
  return match_subpath === true ? [...declared, { name: REST, in: 'path', schema: { type: 'string' } }] : declared
}

/** The form that asks for a component's parameters; none for a component without any. */
export function parametersForm(tried: Tried, labels: Record<Place, string>): FormModel | null {
  const sections = PLACES.flatMap(([location, place]) => {
    const listed = location === 'path' ? pathParameters(tried) : tried.parameters.filter((one) => one.in === location)
    if (listed.length === 0) return []
    const properties = Object.fromEntries(listed.map(({ name, schema, description }) => [name, { ...formSchema(plainSchema(schema ?? { type: 'string' })), title: name, description }]))
    const required = listed.filter((one) => one.required === true || (location === 'path' && one.name !== REST)).map(({ name }) => name)
    return [[place, { type: 'object', title: labels[place], properties, required }] as const]
  })
  return sections.length === 0 ? null : { schema: { type: 'object', properties: Object.fromEntries(sections) } }
}

/** The form of a JSON body; `null` when the schema is no object with members, and the body is written as JSON. */
export function bodyForm(schema: JsonSchema | null): FormModel | null {
  if (schema === null) return null
  const plain = plainSchema(schema)
  const drawn = formSchema(plain)
  return Object.keys((drawn.properties ?? {}) as object).length > 0 ? { schema: drawn } : null
}
export function bodyData(schema: JsonSchema): JsonObject {
  const plain = plainSchema(schema)
  return toForm(startData(plain), plain) as JsonObject
}
export function bodyOf(schema: JsonSchema, data: JsonObject): unknown {
  return fromForm(data, plainSchema(schema))
}

function written(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
function filled(values: unknown): [string, unknown][] {
  return Object.entries((values ?? {}) as JsonObject).filter(([, value]) => value !== undefined && value !== null && value !== '')
}

/** The request as the server takes it: everything outside the body is text. */
export function requestOf(data: JsonObject, body: unknown, method: string | null): NonNullable<Trial['request']> {
  const texts = (values: unknown) => Object.fromEntries(filled(values).map(([name, value]) => [name, written(value)]))
  const query = Object.fromEntries(filled(data.query).map(([name, value]) => [name, Array.isArray(value) ? value.map(written) : written(value)]))
  return { path: texts(data.path), query, headers: texts(data.headers), body: body ?? null, method: method as NonNullable<Trial['request']>['method'] }
}
