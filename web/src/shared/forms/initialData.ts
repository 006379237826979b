import type { JsonObject, JsonSchema } from '@/api/types'

/** The data a form starts with: the defaults its schema names, nested objects included. */
export function initialData(schema: JsonSchema): JsonObject {
  const data: JsonObject = {}
  const properties = (schema.properties ?? {}) as Record<string, JsonSchema>
  for (const [name, property] of Object.entries(properties)) {
    if (property.default !== undefined) {
      data[name] = structuredClone(property.default)
    } else if (property.type === 'object' && property.properties !== undefined) {
      const nested = initialData(property)
      if (Object.keys(nested).length > 0) data[name] = nested
    }
  }
  return data
}

/** The data as it is sent: without the keys of emptied fields. */
export function withoutEmpty(data: JsonObject): JsonObject {
  return JSON.parse(JSON.stringify(data)) as JsonObject
}
