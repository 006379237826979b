// @vitest-environment jsdom
import { VueQueryPlugin } from '@tanstack/vue-query'
import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, expect, it, vi } from 'vitest'
import type { NodeState, NodeView, TaskView } from '@/api/types'
import { i18n } from '@/app/i18n'
import NodeInside from './NodeInside.vue'

const asked = vi.hoisted(() => vi.fn())
vi.mock('@/api/tasks', () => ({ readInside: asked }))
afterEach(() => { asked.mockReset() })

function node(id: string, state: NodeState): NodeView {
  return { node_id: id, state, attempt: 1, loop: 1, started_at: null, finished_at: null, error: null, paused: false }
}
function taskWith(items: number): TaskView {
  const views = Array.from({ length: items }, (_, index) => node(`each[${index}]`, 'FINISHED'))
  return {
    id: 't', flow_id: 'f', flow_name: 'F', revision: 1, common: false, project_id: 'p', name: 'T', state: 'FAILED', created_by: 'ada',
    created_at: '2026-01-01T00:00:00Z', queued_at: null, started_at: null, finished_at: null, inputs: {}, outputs: null, origin: 'manual', origin_id: '', origin_name: '',
    definition: { nodes: [{ id: 'each', kind: 'map', flow: 'i', revision: 1 }], edges: [], subflows: { 'i@1': { nodes: [{ id: 'a', kind: 'plugin' }], edges: [] } } },
    nodes: Object.fromEntries(views.map((view) => [view.node_id, view])), loops: {},
  }
}
async function draw(task: TaskView, path: string) {
  const view = mount(NodeInside, { props: { task, path }, global: { plugins: [i18n, VueQueryPlugin] } })
  await flushPromises()
  return view
}

it('shows what the task tells of a short list', async () => {
  const view = await draw(taskWith(3), 'each')
  expect(view.findAll('[data-testid="node-inner"]')).toHaveLength(3)
  expect(asked).not.toHaveBeenCalled()
})

it('asks for a long list by pages, counts its states and narrows it to one', async () => {
  asked.mockImplementation((_task: string, _node: string, state: NodeState | null, cursor: number) => Promise.resolve({
    counts: { FAILED: 1, FINISHED: 4_999 },
    items: state === 'FAILED' || cursor > 0 ? [node('each[4000]', 'FAILED')] : [node('each[4000]', 'FAILED'), node('each[0]', 'FINISHED')],
    next: state === null && cursor === 0 ? '100' : null,
  }))
  const view = await draw(taskWith(100), 'each')
  expect(view.findAll('[data-testid="node-inner"]')).toHaveLength(2)
  expect(view.get('[data-testid="inside-FINISHED"]').text()).toContain('4999')
  await view.get('[data-testid="inside-more"]').trigger('click')
  await flushPromises()
  expect(asked).toHaveBeenLastCalledWith('t', 'each', null, 100)
  expect(view.find('[data-testid="inside-more"]').exists()).toBe(false)
  await view.get('[data-testid="inside-FAILED"]').trigger('click')
  await flushPromises()
  expect(asked).toHaveBeenLastCalledWith('t', 'each', 'FAILED', 0)
  expect(view.findAll('[data-testid="node-inner"]')).toHaveLength(1)
})

it('asks what ran inside an item that the task does not tell', async () => {
  asked.mockResolvedValue({ counts: { FINISHED: 1 }, items: [node('each[4000].a', 'FINISHED')], next: null })
  const view = await draw(taskWith(100), 'each[4000]')
  expect(asked).toHaveBeenCalledWith('t', 'each[4000]', null, 0)
  expect(view.get('[data-testid="node-inner"]').text()).toBe('a')
})

it('shows nothing of the list looked at before while it asks for another', async () => {
  asked.mockResolvedValueOnce({ counts: { FINISHED: 2, FAILED: 1 }, items: [node('each[0]', 'FINISHED')], next: null })
  const view = await draw(taskWith(100), 'each')
  expect(view.findAll('[data-testid="node-inner"]')).toHaveLength(1)
  asked.mockReturnValue(new Promise(() => undefined))
  await view.get('[data-testid="inside-FAILED"]').trigger('click')
  expect(view.findAll('[data-testid="node-inner"]')).toHaveLength(1)
  await view.setProps({ path: 'each[4000]' })
  expect(view.findAll('[data-testid="node-inner"]')).toHaveLength(0)
})
