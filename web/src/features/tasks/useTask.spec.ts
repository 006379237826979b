// @vitest-environment jsdom
import { QueryClient, VueQueryPlugin } from '@tanstack/vue-query'
import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { defineComponent, ref } from 'vue'
import type { NodeState, NodeView, TaskView } from '@/api/types'
import { useTask, withChange, withNode } from './useTask'

function node(id: string, state: NodeState, attempt = 1): NodeView {
  return { node_id: id, state, attempt, loop: 1, started_at: null, finished_at: null, error: null, paused: false }
}
const task: TaskView = {
  id: 't', flow_id: 'f', flow_name: 'F', revision: 1, common: false, project_id: 'p', name: 'T', state: 'RUNNING', created_by: 'ada',
  created_at: '2026-01-01T00:00:00Z', queued_at: null, started_at: null, finished_at: null, inputs: {}, outputs: null, origin: 'manual', origin_id: '', origin_name: '',
  definition: { nodes: [{ id: 'a', kind: 'plugin' }], edges: [] }, nodes: { a: node('a', 'RUNNING'), b: node('b', 'PENDING') }, loops: {},
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

  it('takes of a long list only what it shows, and what failed', () => {
    const nodes = Object.fromEntries(Array.from({ length: 1_001 }, (_, index) => [`each[${index}]`, node(`each[${index}]`, 'RUNNING')]))
    const long = { ...task, nodes }
    expect(withNode(long, node('each[2000]', 'RUNNING'))).toBe(long)
    expect(withNode(long, node('each[7]', 'FINISHED')).nodes['each[7]']?.state).toBe('FINISHED')
    expect(withNode(long, node('each[2000].a', 'FAILED')).nodes['each[2000].a']?.state).toBe('FAILED')
    expect(withNode(long, node('after', 'RUNNING')).nodes.after?.state).toBe('RUNNING')
  })

  it('is not set back by an earlier attempt that arrives late', () => {
    const retried = withNode(task, node('a', 'RUNNING', 2))
    expect(withNode(retried, node('a', 'FAILED', 1)).nodes.a).toMatchObject({ state: 'RUNNING', attempt: 2 })
  })
})

describe('useTask', () => {
  afterEach(() => {
    vi.useRealTimers()
    vi.unstubAllGlobals()
  })

  class Stream extends EventTarget {
    static readonly CLOSED = 2
    static last: Stream | undefined
    readyState = 0
    constructor() {
      super()
      Stream.last = this
    }
    close(): void {
      this.readyState = 2
    }
  }

  function follow(answer: () => TaskView) {
    const asked = vi.fn(() => Promise.resolve(new Response(JSON.stringify(answer()))))
    vi.stubGlobal('fetch', asked)
    vi.stubGlobal('EventSource', Stream)
    const page = defineComponent({ setup: () => useTask(ref('t')), render: () => null })
    const plugin: [typeof VueQueryPlugin, { queryClient: QueryClient }] = [VueQueryPlugin, { queryClient: new QueryClient() }]
    return { asked, page: mount(page, { global: { plugins: [plugin] } }) }
  }

  it('shows what events tell, and reads the whole task once it has ended', async () => {
    let answer = task
    const { asked, page } = follow(() => answer)
    await flushPromises()
    Stream.last?.dispatchEvent(new Event('open'))
    Stream.last?.dispatchEvent(new MessageEvent('node', { data: JSON.stringify(node('a', 'FAILED')) }))
    await flushPromises()
    expect(page.vm.task?.nodes.a?.state).toBe('FAILED')
    answer = { ...task, state: 'FINISHED', outputs: { highest: 91 }, nodes: { a: node('a', 'FINISHED') } }
    Stream.last?.dispatchEvent(new MessageEvent('task', { data: '{"state":"FINISHED"}' }))
    await flushPromises()
    expect(page.vm.task?.outputs).toEqual({ highest: 91 })
    expect(asked).toHaveBeenCalledTimes(2)
    expect(Stream.last?.readyState).toBe(2)
    page.unmount()
  })

  it('is not set back by an answer older than what was told while it was read', async () => {
    const { asked, page } = follow(() => task)
    await flushPromises()
    let answer: (old: Response) => void = () => undefined
    asked.mockReturnValueOnce(new Promise((resolve) => { answer = resolve }))
    page.vm.nodeOperated(node('a', 'RUNNING'))
    Stream.last?.dispatchEvent(new MessageEvent('node', { data: JSON.stringify(node('a', 'FINISHED')) }))
    Stream.last?.dispatchEvent(new MessageEvent('task', { data: '{"state":"SUSPENDED"}' }))
    answer(new Response(JSON.stringify({ ...task, name: 'read later' })))
    await flushPromises()
    expect(page.vm.task).toMatchObject({ name: 'read later', state: 'SUSPENDED', nodes: { a: { state: 'FINISHED' } } })
    page.unmount()
  })

  it('reads the task again after an operation, whose answer may be older than what was told', async () => {
    const { asked, page } = follow(() => ({ ...task, state: 'FINISHED' }))
    await flushPromises()
    page.vm.operated({ state: 'RUNNING' })
    await flushPromises()
    expect(asked).toHaveBeenCalledTimes(2)
    expect(page.vm.task?.state).toBe('FINISHED')
    page.unmount()
  })

  it('follows a revoked task until its last node has finished', async () => {
    const { page } = follow(() => ({ ...task, state: 'REVOKED' }))
    await flushPromises()
    expect(Stream.last?.readyState).toBe(0)
    Stream.last?.dispatchEvent(new MessageEvent('node', { data: JSON.stringify(node('a', 'FINISHED')) }))
    await flushPromises()
    expect(Stream.last?.readyState).toBe(2)
    page.unmount()
  })

  it('asks for the task while its events can not be had', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] })
    const { asked, page } = follow(() => task)
    await vi.advanceTimersByTimeAsync(10)
    expect(asked).toHaveBeenCalledTimes(1)
    await vi.advanceTimersByTimeAsync(3_000)
    expect(asked).toHaveBeenCalledTimes(2)
    Stream.last?.dispatchEvent(new Event('open'))
    await vi.advanceTimersByTimeAsync(9_000)
    expect(asked).toHaveBeenCalledTimes(2)
    page.unmount()
  })
})
