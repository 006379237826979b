import type { Policy } from '@/api/types'

/** What holds of one kind at a place: its own policy, or one it takes from a more general place. */
export interface Holding {
  policy: Policy | null
  own: boolean
}

/**
 * What holds at a place. The more specific beats the more general, kind by kind.
 * @param places policies from the most general place to the one that is asked for.
 */
export function holding(kind: string, places: Policy[][]): Holding {
  for (const [distance, policies] of [...places].reverse().entries()) {
    const policy = policies.find((one) => one.kind === kind)
    if (policy !== undefined) return { policy, own: distance === 0 }
  }
  return { policy: null, own: false }
}

/** The policies of a place with one put in its kind's place, or taken out. */
export function withPolicy(policies: Policy[], kind: string, policy: Policy | null): Policy[] {
  if (policy === null) return policies.filter((one) => one.kind !== kind)
  return policies.some((one) => one.kind === kind) ? policies.map((one) => (one.kind === kind ? policy : one)) : [...policies, policy]
}
