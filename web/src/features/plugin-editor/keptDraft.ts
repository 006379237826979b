import type { PluginDraft } from '@/api/types'

const KEY = 'trunkline.plugin-draft'
const EMPTY: PluginDraft = { manifest: '', readme: '', changelog: '' }

/** The draft left in this browser; an empty one where there is none. */
export function keptDraft(): PluginDraft {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? 'null')
    if (typeof kept !== 'object' || kept === null) return { ...EMPTY }
    const texts = Object.entries(EMPTY).map(([name]) => [name, (kept as Record<string, unknown>)[name]] as const)
    return texts.every(([, text]) => typeof text === 'string') ? (Object.fromEntries(texts) as unknown as PluginDraft) : { ...EMPTY }
  } catch {
    return { ...EMPTY }
  }
}

export function keepDraft(draft: PluginDraft): void {
  if (draft.manifest === '') localStorage.removeItem(KEY)
  else localStorage.setItem(KEY, JSON.stringify(draft))
}
