import { useQuery } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { listFlows } from '@/api/flows'
import { listInstalls } from '@/api/installs'
import { listComponents, listSystems } from '@/api/systems'
import type { McpServer } from '@/api/types'
import type { ToolKind } from './toolChoices'

export interface Offer {
  value: string
  label: string
}

/** What a server may offer: components of one system at a time, and the flows and plugins of its project. */
export function useOffers(server: Ref<McpServer | undefined>, system: Ref<string>) {
  const project = computed(() => server.value?.project_id ?? '')
  const systems = useQuery({ queryKey: ['systems'], queryFn: listSystems, enabled: computed(() => server.value !== undefined) })
  const release = computed(() => systems.data.value?.items.find(({ name }) => name === system.value)?.stages.find(({ name }) => name === server.value?.stage)?.release)
  const components = useQuery({
    queryKey: computed(() => ['components', system.value, release.value]),
    queryFn: () => listComponents(system.value, release.value),
    enabled: computed(() => system.value !== '' && release.value !== undefined),
  })
  const flows = useQuery({ queryKey: computed(() => ['flows', project.value]), queryFn: () => listFlows(project.value), enabled: computed(() => project.value !== '') })
  const installs = useQuery({ queryKey: computed(() => ['installs', project.value]), queryFn: () => listInstalls(project.value), enabled: computed(() => project.value !== '') })

  const offers = computed<Record<ToolKind, Offer[]>>(() => ({
    component: (components.data.value?.items ?? []).map(({ name, title }) => ({ value: `${system.value}.${name}`, label: title === '' ? `${system.value}.${name}` : `${title} (${system.value}.${name})` })),
    flow: (flows.data.value?.items ?? []).filter(({ latest_revision }) => latest_revision !== null).map(({ id, name }) => ({ value: id, label: name })),
    plugin: [...new Set((installs.data.value?.items ?? []).map(({ plugin }) => plugin))].map((plugin) => ({ value: plugin, label: plugin })),
  }))
  return { systems: computed(() => systems.data.value?.items ?? []), offers }
}
