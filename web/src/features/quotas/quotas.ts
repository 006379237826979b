import type { QuotaLimits, Quotas } from '@/api/types'

export const LIMITS = ['running_tasks', 'queued_tasks', 'launches_per_minute', 'calls_at_once'] as const
export type Limit = (typeof LIMITS)[number]

const USED = { running_tasks: 'running', queued_tasks: 'queued', launches_per_minute: 'launched' } as const

/** How much of a limit is used; null for calls at once, which each worker counts for itself. */
export function usedOf(quotas: Quotas, limit: Limit): number | null {
  return limit === 'calls_at_once' ? null : quotas[USED[limit]]
}

/** Whether as much is used as may be. */
export function isFull(quotas: Quotas, limit: Limit): boolean {
  const [most, used] = [quotas[limit], usedOf(quotas, limit)]
  return most !== null && used !== null && used >= most
}

/** What is sent: an emptied field is no limit. */
export function limitsOf(filled: Record<Limit, number | undefined | null>): QuotaLimits {
  return Object.fromEntries(LIMITS.map((name) => [name, filled[name] ?? null])) as QuotaLimits
}
