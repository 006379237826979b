import { useQuery } from '@tanstack/vue-query'
import { computed, toValue, type ComputedRef, type MaybeRefOrGetter } from 'vue'
import { startDraft } from '@/api/pluginDrafts'
import type { JsonObject } from '@/api/types'
import { asObject } from '@/shared/form-scripts/inventory'
import { manifestOf } from './manifestText'

/** What a component takes and needs, as a plugin begun from it would have it. */
export interface ComponentParts {
  path: string[]
  body: string[]
  scopes: JsonObject[]
}

const NOTHING: ComponentParts = { path: [], body: [], scopes: [] }

export async function readParts(component: string): Promise<ComponentParts> {
  const begun = manifestOf((await startDraft({ component, code: 'begun', publisher: 'begun' })).manifest)
  const call = asObject(asObject(begun?.component).call)
  const names = (part: unknown): string[] => Object.keys(asObject(part))
  return { path: names(call.path), body: names(call.body), scopes: (begun?.scopes ?? []) as JsonObject[] }
}

/** Nothing while a component isn't chosen, or is none that is registered. */
export function useComponentParts(component: MaybeRefOrGetter<string>): ComputedRef<ComponentParts> {
  const query = useQuery({
    queryKey: computed(() => ['component-parts', toValue(component)]),
    queryFn: () => readParts(toValue(component)).catch(() => NOTHING),
    enabled: computed(() => toValue(component) !== ''),
    staleTime: Infinity,
  })
  return computed(() => query.data.value ?? NOTHING)
}
