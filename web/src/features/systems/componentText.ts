import type { ComponentView } from '@/api/types'

type Told = Pick<ComponentView, 'title' | 'description' | 'texts'>

/** One text of a component: in the language in use, else the plain one, else whichever there is. */
export function componentText(component: Told, member: 'title' | 'description' | 'doc', language: string): string {
  const { texts } = component
  const plain = member === 'doc' ? '' : component[member]
  return texts[language]?.[member] || plain || texts.en?.[member] || texts.zh?.[member] || ''
}
