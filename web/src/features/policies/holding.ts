import type { Policy, PolicyKind } from '@/api/types'

/** What holds of one kind at a place: its own policy, and one of a more general place. */
export interface Holding {
  own: Policy | null
  general: Policy | null
}

/**
 * What holds at a place: of a cumulative kind what stands at any place, of others what stands at the most specific one.
 * @param places policies from the most general place to the one that is asked for.
 */
export function holding({ name, is_cumulative }: Pick<PolicyKind, 'name' | 'is_cumulative'>, places: Policy[][]): Holding {
  const [own = null, ...general] = places.map((policies) => policies.find(({ kind }) => kind === name) ?? null).reverse()
  return { own, general: own === null || is_cumulative ? (general.find((policy) => policy !== null) ?? null) : null }
}

/** The policies of a place with one put in its kind's place, or taken out. */
export function withPolicy(policies: Policy[], kind: string, policy: Policy | null): Policy[] {
  if (policy === null) return policies.filter((one) => one.kind !== kind)
  return policies.some((one) => one.kind === kind) ? policies.map((one) => (one.kind === kind ? policy : one)) : [...policies, policy]
}
