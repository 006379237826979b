import type { FormModel, JsonSchema } from '@/api/types'

/** The form with its fields for secrets drawn as passwords: they are filled in, not named as in a plugin's inputs. */
export function filledSecrets<Form extends FormModel>(form: Form): Form {
  const properties = (form.schema.properties ?? {}) as Record<string, JsonSchema>
  const drawn = Object.entries(properties).map(([name, field]) => [name, field.writeOnly === true ? { ...field, format: 'password' } : field])
  return { ...form, schema: { ...form.schema, properties: Object.fromEntries(drawn) } }
}
