import { describe, expect, it } from 'vitest'
import type { NodeState, NodeView, TaskView } from '@/api/types'
import { withChange, withNode } from './useTask'

function node(id: string, state: NodeState, attempt = 1): NodeView {
  return { node_id: id, state, attempt, started_at: null, finished_at: null, error: null }
}
const task: TaskView = {
  id: 't', flow_id: 'f', flow_name: 'F', revision: 1, project_id: 'p', name: 'T', state: 'RUNNING', created_by: 'ada',
  created_at: '2026-01-01T00:00:00Z', started_at: null, finished_at: null, inputs: {}, outputs: null,
  definition: { nodes: [{ id: 'a', kind: 'plugin' }], edges: [] }, nodes: { a: node('a', 'RUNNING'), b: node('b', 'PENDING') },
}

describe('withChange', () => {
  it('takes over what an event tells and keeps the definition and the other nodes', () => {
    const next = withChange(task, { state: 'FAILED', nodes: { a: node('a', 'FAILED') } })
    expect(next.state).toBe('FAILED')
    expect(next.nodes.a?.state).toBe('FAILED')
    expect(next.nodes.b?.state).toBe('PENDING')
    expect(next.definition).toBe(task.definition)
    expect(task.state).toBe('RUNNING')
  })
})

describe('withNode', () => {
  it('takes the newer view of a node', () => {
    expect(withNode(task, node('a', 'FINISHED')).nodes.a?.state).toBe('FINISHED')
    expect(withNode(task, node('new', 'RUNNING')).nodes.new?.state).toBe('RUNNING')
  })

  it('is not set back by an earlier attempt that arrives late', () => {
    const retried = withNode(task, node('a', 'RUNNING', 2))
    expect(withNode(retried, node('a', 'FAILED', 1)).nodes.a).toMatchObject({ state: 'RUNNING', attempt: 2 })
  })
})
