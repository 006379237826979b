import type { InjectionKey } from 'vue'
import type { FlowDefinition, FormModel } from '@/api/types'

type Translate = (key: string, fallback: string) => string

/** How widgets ask for a form's own texts. */
export const TRANSLATE: InjectionKey<Translate> = Symbol('form translate')

/** What the fields of a form are called in one language, by their names. */
export function labelsOf(form: FormModel, language: string): Record<string, string> {
  const translate = translatorOf(form, language)
  const fields = (form.schema.properties ?? {}) as Record<string, { title?: string }>
  return Object.fromEntries(Object.entries(fields).map(([name, { title }]) => [name, translate(`${name}.label`, title) ?? name]))
}

/** As `labelsOf`, of a definition that may ask for nothing. */
export function labelsOfInputs(definition: FlowDefinition | undefined, language: string): Record<string, string> {
  return definition?.form == null ? {} : labelsOf(definition.form, language)
}

/** The form's texts in one language; English stands in the schema itself. */
export function translatorOf(form: FormModel, language: string) {
  const texts = form.i18n?.[language] ?? {}
  return (key: string, fallback?: string): string | undefined => texts[key] ?? fallback
}
