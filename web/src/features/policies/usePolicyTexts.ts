import { useI18n } from 'vue-i18n'
import type { PolicyKind } from '@/api/types'
import type { FieldTexts } from './policyForm'

/** A kind's texts in the chosen language; the server's own, which are English, where there are none. */
export function usePolicyTexts() {
  const { t, te } = useI18n()
  const field: FieldTexts = (kind, name, part) => {
    const found = [`policies.fields.${kind}_${name}.${part}`, `policies.fields.${name}.${part}`].find((key) => te(key))
    return found === undefined ? undefined : t(found)
  }
  const title = (kind: string): string => (te(`policies.kinds.${kind}.title`) ? t(`policies.kinds.${kind}.title`) : kind)
  const about = (kind: PolicyKind): string => (te(`policies.kinds.${kind.name}.about`) ? t(`policies.kinds.${kind.name}.about`) : kind.summary)
  return { field, title, about }
}
