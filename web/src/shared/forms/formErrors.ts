import type { JsonFormsCore } from '@jsonforms/core'
import { ApiProblem, type FieldProblem } from '@/api/problem'
import type { JsonSchema } from '@/api/types'
import { fieldPath, sentence } from '@/shared/feedback/fieldMessages'

export type ErrorObject = NonNullable<JsonFormsCore['errors']>[number]

export interface PlacedErrors {
  /** Errors to show at the fields of the form. */
  atFields: ErrorObject[]
  /** Those that belong to no field of it. */
  elsewhere: FieldProblem[]
}

function has(schema: unknown, path: string[]): boolean {
  const [head] = path
  if (head === undefined) return false
  const properties = (schema as { properties?: Record<string, unknown> }).properties
  return properties !== undefined && head in properties
}

/** Sorts a problem's field messages into those a form can show at its fields and the rest. */
export function placeErrors(error: unknown, schema: JsonSchema, prefix = 'inputs'): PlacedErrors {
  const placed: PlacedErrors = { atFields: [], elsewhere: [] }
  if (!(error instanceof ApiProblem)) return placed
  for (const field of error.fields) {
    const whole = fieldPath(field.field)
    const path = whole[0] === prefix && !has(schema, whole.slice(0, 1)) ? whole.slice(1) : whole
    const own = whole[0] === prefix && has(schema, whole.slice(1)) ? whole.slice(1) : path
    if (!has(schema, own)) {
      placed.elsewhere.push(field)
      continue
    }
    placed.atFields.push({
      instancePath: `/${own.map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1')).join('/')}`,
      message: sentence(field),
      schemaPath: '',
      keyword: 'server',
      params: {},
    })
  }
  return placed
}
