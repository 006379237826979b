import { defineAsyncComponent, type Component } from 'vue'

interface OwnTab {
  name: 'inventory' | 'jobs' | 'messages'
  content: Component
}

/** The pages of the systems that come with the product, for those who manage them. */
const OWN: Record<string, OwnTab> = {
  cmdb: { name: 'inventory', content: defineAsyncComponent(() => import('@/features/inventory/InventoryTab.vue')) },
  job: { name: 'jobs', content: defineAsyncComponent(() => import('@/features/jobs/JobsTab.vue')) },
  notify: { name: 'messages', content: defineAsyncComponent(() => import('@/features/messages/MessagesTab.vue')) },
}

export function ownTabOf(system: string): OwnTab | undefined {
  return OWN[system]
}
