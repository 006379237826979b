import { describe, expect, it } from 'vitest'
import type { JobStep } from '@/api/jobs'
import { hostState, isMoving, jobState, operationsOf, stepAtTurn } from './jobStates'

const step = (status: number, type = 1): JobStep => ({
  step_instance_id: status, name: 's', type, status, execute_count: 0, start_time: null, end_time: null, total_time: null, approval_message: '', step_ip_result_list: [],
})

describe('states of jobs', () => {
  it('has a name and a tone for each number', () => {
    expect(jobState(3)).toEqual(['success', 'finished'])
    expect(hostState(404)).toEqual(['killFailed', 'failed'])
    expect(jobState(99)[0]).toBe('unknown')
    expect([2, 7, 10].every(isMoving)).toBe(true)
    expect([3, 4, 11, 14].some(isMoving)).toBe(false)
  })

  it('finds the step a job has come to', () => {
    expect(stepAtTurn([step(3), step(6), step(4), step(1)])?.status).toBe(4)
    expect(stepAtTurn([step(3), step(13)])).toBeUndefined()
  })

  it('offers what the step takes', () => {
    expect(operationsOf(step(4), true)).toEqual(['retry', 'retryAll', 'ignore'])
    expect(operationsOf(step(11), true)).toEqual(['retry', 'retryAll', 'next'])
    expect(operationsOf(step(7, 3), false)).toEqual(['approve', 'refuse'])
    expect(operationsOf(step(2), false)).toEqual([])
    expect(operationsOf(step(14, 3), true)).toEqual([])
  })
})
