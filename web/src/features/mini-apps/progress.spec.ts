import { describe, expect, it } from 'vitest'
import type { NodeState, TaskState, TaskView } from '@/api/types'
import { progressOf } from './progress'

function task(state: TaskState, states: Record<string, [NodeState, string | null]>, leftOut: string[] = [], kinds: Record<string, string> = {}): TaskView {
  const nodes = ['start', 'a', 'b', 'c', 'end'].map((id) => ({ id, kind: kinds[id] ?? (id === 'start' || id === 'end' ? id : 'plugin'), name: id.toUpperCase() }))
  const views = Object.fromEntries(Object.entries(states).map(([id, [found, at]]) => [id, { node_id: id, state: found, started_at: at, error: found === 'FAILED' ? 'no' : null }]))
  return { state, definition: { nodes, edges: [], left_out: leftOut }, nodes: views } as unknown as TaskView
}

describe('the progress of an app', () => {
  it('tells the steps in the order they started, and those yet to come', () => {
    const { steps, percent } = progressOf(task('FAILED', { b: ['FAILED', '2026-01-01'], a: ['FINISHED', '2026-01-02'] }))
    expect(steps.map(({ id, state }) => [id, state])).toEqual([['b', 'FAILED'], ['a', 'FINISHED'], ['c', 'PENDING']])
    expect([steps[0]?.error, percent]).toEqual(['no', 33])
  })

  it('tells a message, and whatever failed, so that no run fails for nothing', () => {
    const stepsOf = (last: NodeState): string[] => {
      const kinds = { b: 'notify', c: 'expression' }
      return progressOf(task('FAILED', { a: ['FINISHED', '1'], b: ['FINISHED', '2'], c: [last, '3'] }, [], kinds)).steps.map(({ id }) => id)
    }
    expect(stepsOf('FAILED')).toEqual(['a', 'b', 'c'])
    expect(stepsOf('FINISHED')).toEqual(['a', 'b'])
  })

  it('leaves out what does not run', () => {
    const { steps, percent } = progressOf(task('FINISHED', { a: ['FINISHED', '1'], b: ['NOT_TAKEN', null] }, ['c']))
    expect([steps.map(({ name }) => name), percent]).toEqual([['A'], 100])
  })

  it('is not at its end while the task goes on', () => {
    const done: [NodeState, string] = ['FINISHED', '1']
    expect(progressOf(task('RUNNING', { a: done, b: done, c: done })).percent).toBe(95)
    expect(progressOf(task('CREATED', {})).percent).toBe(0)
  })
})
