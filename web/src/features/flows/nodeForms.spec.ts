// @vitest-environment jsdom
import { VueQueryPlugin } from '@tanstack/vue-query'
import { flushPromises, mount } from '@vue/test-utils'
import { expect, it, vi } from 'vitest'
import type { Component } from 'vue'
import { i18n } from '@/app/i18n'
import type { FlowDraft, FlowEdge, FlowNode, FlowView } from '@/api/types'
import FlowNodePanel from './FlowNodePanel.vue'
import NodeSettingsForm from './NodeSettingsForm.vue'
import NodeWaitingForm from './NodeWaitingForm.vue'

const saved: FlowNode[] = []
vi.mock('@/api/flows', () => ({
  listFlows: () => Promise.resolve({ items: [], next: null }),
  saveDraft: (_flow: string, definition: { nodes: FlowNode[] }) => {
    saved.push(...definition.nodes)
    return Promise.resolve({ draft_version: 2, updated_at: '2026-01-01T00:00:00Z' })
  },
}))
vi.mock('@/api/commonFlows', () => ({ listCommonFlows: () => Promise.resolve([]) }))
vi.setConfig({ testTimeout: 60_000 })

let flows = 0
const draftOf = (node: FlowNode): FlowDraft => ({ draft_version: 1, definition: { nodes: [node], edges: [] } }) as unknown as FlowDraft

async function draw(form: Component, node: FlowNode, more: object = {}) {
  flows += 1
  // What was saved of a flow is kept on the page: each has its own.
  const flow = { id: `f${flows}`, project_id: 'p' } as FlowView
  const view = mount(form, { props: { flow, draft: draftOf(node), node, ...more }, global: { plugins: [i18n, VueQueryPlugin], stubs: { RouterLink: true, NodeSettingsForm: form !== NodeSettingsForm, NodeWaitingForm: form !== NodeWaitingForm } } })
  await flushPromises()
  return view
}
const at = (id: string): string => `[data-testid="${id}"]`

it.each(['approval', 'confirm'] as const)('asks who decides at an approval alone: %s', async (kind) => {
  const view = await draw(NodeSettingsForm, { id: 'a', kind })
  expect(view.find(at('node-message')).exists()).toBe(true)
  expect(view.find(at('node-approvers')).exists()).toBe(kind === 'approval')
})

it('tells of people named at a confirmation, who decide nothing there, and takes them out', async () => {
  const view = await draw(NodeSettingsForm, { id: 'a', kind: 'confirm', approvers: ['ann', 'bob'] })
  expect(view.get(at('misplaced-approvers')).text()).toContain('ann, bob')
  await view.get(at('misplaced-remove')).trigger('click')
  expect(view.find(at('misplaced-approvers')).exists()).toBe(false)
  await view.get(at('settings-save')).trigger('click')
  await flushPromises()
  expect(saved.at(-1)).toEqual({ id: 'a', kind: 'confirm' })
})

it('leaves a timeout of less than a second as it is', async () => {
  const view = await draw(NodeSettingsForm, { id: 'a', kind: 'timer', seconds: 1, timeout: { seconds: 0.5, action: 'fail' } })
  expect(view.get(at('settings-save')).attributes('disabled')).toBeDefined()
  expect(view.get<HTMLInputElement>(`${at('node-timeout')} input`).element.value).toBe('0.5')
})

it('has a number where one is cleared', async () => {
  const map: FlowNode = { id: 'a', kind: 'map', flow: 'o', inputs: {}, items: '${inputs.all}', parallel: 4, retry: { times: 2, interval: 3, factor: 2 } }
  const view = await draw(NodeSettingsForm, map)
  for (const id of ['node-parallel', 'retry-interval', 'retry-factor']) await view.get(`${at(id)} input`).setValue('')
  await view.get(at('settings-save')).trigger('click')
  await flushPromises()
  expect(saved.at(-1)).toMatchObject({ parallel: 1, retry: { times: 2, interval: 0, factor: 1 } })

  const waiting = await draw(NodeWaitingForm, { id: 'a', kind: 'timer', lock: { key: 'k', limit: 3 } })
  await waiting.get(`${at('lock-limit')} input`).setValue('')
  await waiting.get(at('waiting-save')).trigger('click')
  await flushPromises()
  expect(saved.at(-1)?.lock).toEqual({ key: 'k', limit: 1 })
})

it('is not saved while the inputs of the inner flow are no values by their names, and says why', async () => {
  const view = await draw(NodeSettingsForm, { id: 'a', kind: 'subflow', flow: 'o', inputs: {} })
  const typed = view.get(`${at('node-inner-inputs')} textarea`)
  await typed.setValue('[1]')
  expect(view.get(at('settings-save')).attributes('disabled')).toBeDefined()
  expect(view.get(at('settings-state')).text()).toContain('has to be an object')
  await typed.setValue('[1')
  expect(view.get(at('settings-save')).attributes('disabled')).toBeDefined()
  expect(view.get(at('settings-state')).text()).toContain('no JSON yet')
  await typed.setValue('{"a": 1}')
  expect(view.get(at('settings-save')).attributes('disabled')).toBeUndefined()
  expect(view.get(at('settings-state')).text()).toBe('Not saved yet')
})

it('lists the ways out of every node of a draft, so that each can be opened by keyboard', async () => {
  const edges: FlowEdge[] = [{ id: 'e', source: 'a', target: 'b' }, { id: 'o', source: 'b', target: 'c' }, { id: 'l', source: 'a', target: 'd', failure: true }]
  const view = await draw(FlowNodePanel, { id: 'a', kind: 'timer' }, { edges })
  const ways = view.findAll(at('node-way'))
  expect(ways.map((way) => way.text())).toEqual(['b', 'd'])
  await ways[1]?.trigger('click')
  expect(view.emitted('edge')).toEqual([['l']])
  expect((await draw(FlowNodePanel, { id: 'a', kind: 'timer' }, { edges, draft: null })).find(at('node-way')).exists()).toBe(false)
})
