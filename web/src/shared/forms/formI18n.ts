import type { InjectionKey } from 'vue'
import type { FormModel } from '@/api/types'

type Translate = (key: string, fallback: string) => string

/** How widgets ask for a form's own texts. */
export const TRANSLATE: InjectionKey<Translate> = Symbol('form translate')

/** The form's texts in one language; English stands in the schema itself. */
export function translatorOf(form: FormModel, language: string) {
  const texts = form.i18n?.[language] ?? {}
  return (key: string, fallback?: string): string | undefined => texts[key] ?? fallback
}
