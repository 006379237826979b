import type { DeliveryState } from '@/api/messages'

export const STATES: DeliveryState[] = ['waiting', 'handing_over', 'sent', 'failed', 'unknown', 'duplicate', 'muted']

const TONES: Record<string, string> = {
  waiting: 'waiting',
  later: 'waiting',
  handing_over: 'running',
  sent: 'finished',
  failed: 'failed',
  unknown: 'skipped',
}

/** The colour family of a state; what nobody has to look at is plain. */
export function toneOf(state: string): string {
  return TONES[state] ?? 'idle'
}

/** Whether it will change by itself. */
export function isMoving(state: string): boolean {
  return state === 'waiting' || state === 'handing_over'
}
