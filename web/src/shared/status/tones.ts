import type { ApplicationState, GrantState, HostedState, NodeState, TaskState } from '@/api/types'

export type Tone = 'idle' | 'running' | 'polling' | 'waiting' | 'finished' | 'failed' | 'skipped'

const TONES: Record<TaskState | NodeState | GrantState | ApplicationState | HostedState, Tone> = {
  CREATED: 'idle',
  PENDING: 'idle',
  NOT_TAKEN: 'idle',
  RUNNING: 'running',
  POLLING: 'polling',
  WAITING_CALLBACK: 'waiting',
  WAITING_TIMER: 'waiting',
  WAITING_EVENT: 'waiting',
  WAITING_DECISION: 'waiting',
  WAITING_LOCK: 'waiting',
  RETRYING: 'polling',
  IGNORED: 'skipped',
  SUSPENDED: 'skipped',
  FAILED: 'failed',
  FINISHED: 'finished',
  SKIPPED: 'skipped',
  REVOKED: 'idle',
  applied: 'running',
  asked: 'waiting',
  approved: 'finished',
  refused: 'failed',
  revoked: 'idle',
  expired: 'skipped',
  withdrawn: 'idle',
  renewed: 'idle',
  partly_approved: 'polling',
  preparing: 'polling',
  running: 'running',
  idle: 'skipped',
  backing_off: 'waiting',
  failed: 'failed',
  stopped: 'idle',
}

/** The colour family of a state; a state this console does not know yet is shown plain. */
export function toneOf(state: string): Tone {
  return (TONES as Record<string, Tone | undefined>)[state] ?? 'idle'
}

const SETTLED = new Set<string>(['FINISHED', 'REVOKED'])

/** Whether a task can still move on its own or by a person's hand. */
export function isSettled(state: TaskState): boolean {
  return SETTLED.has(state)
}
