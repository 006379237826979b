import { useQuery } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { useI18n } from 'vue-i18n'
import { hostAttributes, type Attribute } from '@/api/inventory'
import { typesOf } from './filterRules'

/** What hosts can be asked by, and how that is called in the reader's language. */
export function useAttributes(system: MaybeRefOrGetter<string>) {
  const { t, te } = useI18n()
  const query = useQuery({ queryKey: computed(() => ['inventory', toValue(system), 'attributes']), queryFn: () => hostAttributes(toValue(system)), staleTime: 60_000 })
  const attributes = computed(() => query.data.value ?? [])
  const byId = computed(() => new Map(attributes.value.map((attribute) => [attribute.bk_property_id, attribute])))
  const types = computed(() => typesOf(attributes.value))

  function label(id: string): string {
    const key = `inventory.property.${id}`
    if (te(key)) return t(key)
    return byId.value.get(id)?.bk_property_name ?? id
  }
  function choices(id: string): NonNullable<Extract<Attribute['option'], unknown[]>> {
    const option = byId.value.get(id)?.option
    return Array.isArray(option) ? option : []
  }
  /** A value as people read it: the name of a choice, a unit beside a number. */
  function shown(id: string, value: unknown): string {
    if (value === null || value === undefined || value === '') return '–'
    const chosen = choices(id).find((choice) => choice.id === value)
    if (chosen !== undefined) return chosen.name
    const unit = byId.value.get(id)?.unit ?? ''
    const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
    return unit === '' ? text : `${text} ${unit}`
  }
  return { attributes, types, label, choices, shown }
}
