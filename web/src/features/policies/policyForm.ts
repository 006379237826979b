import { ApiProblem, type FieldProblem } from '@/api/problem'
import type { FormModel, JsonObject, JsonSchema, PolicyKind } from '@/api/types'
import { fieldPath, sentence } from '@/shared/feedback/fieldMessages'
import type { ErrorObject } from '@/shared/forms/formErrors'
import { formPath, formSchema, plainSchema, startData, toForm } from '@/shared/forms/schemaForms'

/** Texts of a form's fields in the language in use; `undefined` where there are none. */
export type FieldTexts = (kind: string, field: string, part: 'label' | 'hint' | `choices.${string}`) => string | undefined

/** The names under which a form asks for the texts of its fields: their addresses without the numbers of lines. */
function fields(schema: JsonSchema, prefix = ''): { path: string; name: string; choices: unknown[] }[] {
  return Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>).flatMap(([name, property]) => {
    const path = prefix === '' ? name : `${prefix}.${name}`
    const inner = property.type === 'array' ? ((property.items ?? {}) as JsonSchema) : property
    const choices = Array.isArray(inner.enum) ? inner.enum : []
    return [{ path, name, choices }, ...fields(inner, path)]
  })
}

/** The form that edits a kind's configuration. */
export function policyForm(kind: PolicyKind, texts: FieldTexts, language: string): FormModel {
  const schema = formSchema(plainSchema(kind.config_schema))
  const said = fields(schema).flatMap(({ path, name, choices }) => [
    [`${path}.label`, texts(kind.name, name, 'label')],
    [`${path}.description`, texts(kind.name, name, 'hint')],
    ...choices.map((choice) => [`${path}.${String(choice)}`, texts(kind.name, name, `choices.${String(choice)}`)]),
  ])
  return { schema, i18n: { [language]: Object.fromEntries(said.filter(([, text]) => text !== undefined)) as Record<string, string> } }
}

/** What the form starts with: the configuration that stands, or the kind's own defaults. */
export function formData(kind: PolicyKind, config: JsonObject | null): JsonObject {
  const plain = plainSchema(kind.config_schema)
  return toForm({ ...startData(plain), ...config }, plain) as JsonObject
}

export interface PlacedProblems {
  atFields: ErrorObject[]
  elsewhere: FieldProblem[]
}

/** Sorts what the server found wrong with the policies at a place: into one policy's form, and the rest. */
export function placePolicyProblems(error: unknown, kind: PolicyKind, position: number, config: JsonObject): PlacedProblems {
  const placed: PlacedProblems = { atFields: [], elsewhere: [] }
  if (!(error instanceof ApiProblem)) return placed
  const plain = plainSchema(kind.config_schema)
  for (const field of error.fields) {
    const [list, at, member, ...path] = fieldPath(field.field)
    const own = list === 'policies' && at === String(position) && member === 'config' ? formPath(path, plain, config) : []
    if (own.length === 0) placed.elsewhere.push(field)
    else placed.atFields.push({ instancePath: `/${own.join('/')}`, message: sentence(field), schemaPath: '', keyword: 'server', params: {} })
  }
  return placed
}
