import { Validator, type Schema } from '@cfworker/json-schema'
import type { JsonFormsCore } from '@jsonforms/core'

/**
 * Stands where JSON Forms wants Ajv. Ajv compiles schemas to JavaScript, which our content security policy forbids;
 * this one interprets them. It decides only what a form shows (rules): values are validated by the server.
 */
export const validator = {
  validate: (schema: unknown, data: unknown): boolean => new Validator(schema as Schema, '2020-12', true).validate(data).valid,
  compile: (schema: unknown) => {
    const compiled = new Validator(schema as Schema, '2020-12', true)
    return (data: unknown): boolean => compiled.validate(data).valid
  },
} as unknown as JsonFormsCore['ajv']
