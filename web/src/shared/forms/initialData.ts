import type { JsonObject, JsonSchema } from '@/api/types'

/** A copy of a JSON value; `structuredClone` refuses Vue's proxies, which answers of the server arrive in. */
function copied<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T
}

/** The data a form starts with: the defaults its schema names, nested objects included. */
export function initialData(schema: JsonSchema): JsonObject {
  const data: JsonObject = {}
  const properties = (schema.properties ?? {}) as Record<string, JsonSchema>
  for (const [name, property] of Object.entries(properties)) {
    if (property.default !== undefined) {
      data[name] = copied(property.default)
    } else if (property.type === 'object' && property.properties !== undefined) {
      const nested = initialData(property)
      if (Object.keys(nested).length > 0) data[name] = nested
    }
  }
  return data
}

/** The data as it is sent: without the keys of emptied fields. */
export function withoutEmpty(data: JsonObject): JsonObject {
  return copied(data)
}
