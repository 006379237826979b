import type { Use } from '@/api/types'

export interface ComponentUse {
  component: string
  calls: number
  errors: number
  last_day: string
  apps: Use[]
}

/** Uses put together by component, the most called first. */
export function byComponent(uses: Use[]): ComponentUse[] {
  const found = new Map<string, ComponentUse>()
  for (const use of uses) {
    const one = found.get(use.component) ?? { component: use.component, calls: 0, errors: 0, last_day: '', apps: [] }
    one.calls += use.calls
    one.errors += use.errors
    if (use.last_day > one.last_day) one.last_day = use.last_day
    one.apps.push(use)
    found.set(use.component, one)
  }
  return [...found.values()].sort((one, other) => other.calls - one.calls)
}
