import type { ReleaseDiff } from '@/api/types'

export type Bump = 'major' | 'minor' | 'patch'

/** The version a step leads to. */
export function stepped(version: string, bump: Bump): string {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number)
  if (bump === 'major') return `${major + 1}.0.0`
  return bump === 'minor' ? `${major}.${minor + 1}.0` : `${major}.${minor}.${patch + 1}`
}

/** The lowest step that tells callers what changed; before 1.0.0 a minor one tells of a breaking change. */
export function neededBump(newest: string, level: ReleaseDiff['level']): Bump {
  if (level === 'breaking') return newest.startsWith('0.') ? 'minor' : 'major'
  return level === 'added' ? 'minor' : 'patch'
}

const ORDER: Bump[] = ['patch', 'minor', 'major']

/** Whether a step tells callers less than what changed. */
export function tellsTooLittle(bump: Bump, needed: Bump): boolean {
  return ORDER.indexOf(bump) < ORDER.indexOf(needed)
}
