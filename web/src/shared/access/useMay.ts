import { useQuery } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { explainActions } from '@/api/people'
import type { ExplanationView } from '@/api/types'

/** What the person may do with something, as the server decides, and why not where he may not. */
export function useMay(resource: MaybeRefOrGetter<string>, actions: string[]) {
  const query = useQuery({
    queryKey: computed(() => ['may', toValue(resource), actions]),
    queryFn: () => explainActions(toValue(resource), actions),
    enabled: computed(() => !toValue(resource).endsWith(':')),
    staleTime: 30_000,
  })
  const found = computed(() => new Map((query.data.value?.items ?? []).map((each) => [each.action, each])))
  /** Undefined until the server has answered. */
  const why = (action: string): ExplanationView | undefined => found.value.get(action)
  const may = (action: string): boolean => why(action)?.allowed === true
  return { may, why }
}
