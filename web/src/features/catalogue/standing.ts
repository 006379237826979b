import type { Advisory } from '@/api/types'

export type Severity = Advisory['severity']

/** From the least to the worst. */
export const SEVERITIES: Severity[] = ['low', 'moderate', 'high', 'critical']

/** The worst of some advisories; undefined of none. */
export function worstSeverity(advisories: readonly Pick<Advisory, 'severity'>[]): Severity | undefined {
  return SEVERITIES.findLast((severity) => advisories.some((advisory) => advisory.severity === severity))
}

/** A part of one as whole percent; only what is all is 100. */
export function percentOf(rate: number): number {
  return rate < 1 ? Math.min(99, Math.round(rate * 100)) : 100
}
