import { Validator, type Schema } from '@cfworker/json-schema'
import type { JsonFormsCore } from '@jsonforms/core'

function check(schema: unknown): (data: unknown) => boolean {
  const compiled = new Validator(schema as Schema, '2020-12', true)
  // JSON knows no absent value; for a rule an empty field is a null one.
  return (data) => compiled.validate(data ?? null).valid
}

/**
 * Stands where JSON Forms wants Ajv. Ajv compiles schemas to JavaScript, which our content security policy forbids;
 * this one interprets them. It decides only what a form shows (rules): values are validated by the server.
 */
export const validator = {
  validate: (schema: unknown, data: unknown): boolean => check(schema)(data),
  compile: check,
} as unknown as JsonFormsCore['ajv']
