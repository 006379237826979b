import type { JobStep } from '@/api/jobs'

/** Numbers of BlueKing JOB for jobs and steps. */
const JOB: Record<number, [name: string, tone: string]> = {
  1: ['pending', 'idle'],
  2: ['running', 'running'],
  3: ['success', 'finished'],
  4: ['failed', 'failed'],
  5: ['skipped', 'skipped'],
  6: ['ignored', 'skipped'],
  7: ['waiting', 'waiting'],
  9: ['abnormal', 'failed'],
  10: ['terminating', 'running'],
  11: ['terminated', 'skipped'],
  13: ['confirmed', 'finished'],
  14: ['refused', 'failed'],
}

/** Numbers for a host of a step. */
const HOST: Record<number, [name: string, tone: string]> = {
  1: ['unreached', 'failed'],
  5: ['waiting', 'idle'],
  7: ['running', 'running'],
  9: ['ok', 'finished'],
  11: ['failed', 'failed'],
  12: ['notStarted', 'failed'],
  403: ['killed', 'skipped'],
  404: ['killFailed', 'failed'],
}

const UNKNOWN: [string, string] = ['unknown', 'idle']
export const JOB_STATUSES = [1, 2, 3, 4, 7, 9, 10, 11, 14]
export const HOST_RUNNING = 7
export const WAITS_FOR_APPROVAL = 7
const OVER = new Set([3, 4, 9, 11, 14])
const PASSED = new Set([3, 5, 6, 13])

export const jobState = (status: number): [string, string] => JOB[status] ?? UNKNOWN
export const hostState = (status: number): [string, string] => HOST[status] ?? UNKNOWN
/** Whether the job will change by itself, or by somebody's answer. */
export const isMoving = (status: number): boolean => !OVER.has(status)

export type Operation = 'retry' | 'retryAll' | 'ignore' | 'next' | 'approve' | 'refuse'
export const OPERATIONS: Record<Operation, number> = { retry: 2, retryAll: 8, ignore: 3, next: 11, approve: 6, refuse: 9 }

/** The step that a job has come to: under way, or what it ended with. */
export function stepAtTurn(steps: JobStep[]): JobStep | undefined {
  return steps.find((step) => !PASSED.has(step.status))
}

/** What may be done with the step a job has come to. */
export function operationsOf(step: JobStep, finished: boolean): Operation[] {
  if (step.status === WAITS_FOR_APPROVAL) return ['approve', 'refuse']
  if (!finished || step.status === 14) return []
  const again: Operation[] = step.type === 3 ? [] : ['retry', 'retryAll']
  return [...again, step.status === 11 ? 'next' : 'ignore']
}
