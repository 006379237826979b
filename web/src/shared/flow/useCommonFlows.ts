import { useQuery } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { listCommonFlows } from '@/api/commonFlows'
import { useProject } from '@/shared/session/useProject'

/** Flows of other projects that this one may start, as tasks of its own. */
export function useCommonFlows(wanted: Ref<boolean>) {
  const { code } = useProject()
  const { data } = useQuery({
    queryKey: computed(() => ['common-flows', code.value]),
    queryFn: () => listCommonFlows(code.value),
    enabled: computed(() => wanted.value && code.value !== ''),
    retry: false,
  })
  const common = computed(() => data.value ?? [])
  const find = (flow: string) => common.value.find(({ flow_id }) => flow_id === flow)

  /** The project that runs a flow of another; none where it is the flow's own. `kept`: what starts it already. */
  function placeOf(flow: string, kept: { common: boolean; project_id: string } | null): string | undefined {
    if (kept !== null) return kept.common ? kept.project_id : undefined
    return find(flow) === undefined ? undefined : code.value
  }
  return { common, find, placeOf }
}
