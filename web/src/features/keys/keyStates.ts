import type { SystemKey } from '@/api/types'

/** `signs`: calls are signed with it now. `waits`: they will be. `verifies`: they were, and may be under way still. */
export type KeyState = 'signs' | 'waits' | 'verifies' | 'retired'

/** The state of each key. Of those of a profile that may sign, the newest does. */
export function keyStates(newestFirst: SystemKey[], now: Date): KeyState[] {
  const signing = new Set<string>()
  return newestFirst.map((key) => {
    if (key.retired_at !== null) return 'retired'
    if (!key.signs) return 'verifies'
    if (key.signs_from !== null && new Date(key.signs_from) > now) return 'waits'
    if (signing.has(key.profile)) return 'verifies'
    signing.add(key.profile)
    return 'signs'
  })
}
