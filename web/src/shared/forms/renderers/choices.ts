import type { JsonSchema } from '@jsonforms/core'

export interface Choice {
  value: unknown
  label: string
}

interface LooseSchema {
  enum?: unknown[]
  oneOf?: { const?: unknown; title?: string }[]
  items?: unknown
}

/** What can be chosen: an `enum`, or a `oneOf` of constants with titles. */
export function choicesOf(schema: JsonSchema | undefined): Choice[] {
  const loose = (schema ?? {}) as LooseSchema
  if (Array.isArray(loose.enum)) return loose.enum.map((value) => ({ value, label: String(value) }))
  const constants = Array.isArray(loose.oneOf) ? loose.oneOf : []
  return constants
    .filter((option) => option.const !== undefined)
    .map((option) => ({ value: option.const, label: option.title ?? String(option.const) }))
}

/** The schema of an array's items, when there is one for all of them. */
export function itemSchema(schema: JsonSchema): JsonSchema | undefined {
  const { items } = schema as LooseSchema
  return typeof items === 'object' && items !== null && !Array.isArray(items) ? (items as JsonSchema) : undefined
}
