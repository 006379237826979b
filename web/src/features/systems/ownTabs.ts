import { defineAsyncComponent, type Component } from 'vue'

interface OwnTab {
  name: 'messages'
  content: Component
}

/** The pages of the systems that come with the product, for those who manage them. */
const OWN: Record<string, OwnTab> = {
  notify: { name: 'messages', content: defineAsyncComponent(() => import('@/features/messages/MessagesTab.vue')) },
}

export function ownTabOf(system: string): OwnTab | undefined {
  return OWN[system]
}
