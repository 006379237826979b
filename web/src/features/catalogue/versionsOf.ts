import type { PluginView } from '@/api/types'

/** The versions of a plugin, as the server lists them; at least the latest one. */
export function versionsOf({ versions, latest_version: latest }: PluginView): string[] {
  const listed = (versions ?? []).map((item) => (typeof item === 'string' ? item : item.version))
  return listed.includes(latest) ? listed : [latest, ...listed]
}
