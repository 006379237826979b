import type { PublisherView } from '@/api/types'

const SOON = 14 * 24 * 3600 * 1000

/** Whether the verified mark goes within two weeks unless a pipeline's token comes; a domain's record holds it by itself. */
export function lapsesSoon({ verified_at, proven_until }: PublisherView, now: number): boolean {
  return verified_at === null && proven_until !== null && Date.parse(proven_until) - now < SOON
}
