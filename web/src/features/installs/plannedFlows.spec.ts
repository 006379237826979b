import { expect, test } from 'vitest'
import type { UpgradePlanView } from '@/api/types'
import { breakagesByFlow, plannedFlows } from './plannedFlows'

const NOTHING = { from_version: '1.0.0', to_version: '1.1.0', added_scopes: [], removed_scopes: [], new_components: [], changes: [], changelog: '', refusal: null }

function use(flow: string, place: 'draft' | 'revision' | 'task' | 'schedule', more: Partial<UpgradePlanView['uses'][number]> = {}) {
  return { flow_id: flow, flow_name: `Flow ${flow}`, place, version: '1.0.0', nodes: ['find'], revision: null, tasks: 0, ...more }
}

test('each flow stands once, with all its places', () => {
  const uses = [use('a', 'draft'), use('a', 'revision', { revision: 3 }), use('b', 'schedule', { revision: 1 }), use('a', 'task', { revision: 3, tasks: 2 })]
  const found = plannedFlows({ ...NOTHING, uses, broken: [] })
  expect(found.map(({ id, movable }) => [id, movable])).toEqual([['a', true], ['b', false]])
  expect(found[0]?.places).toEqual([{ place: 'draft', number: 0 }, { place: 'revision', number: 3 }, { place: 'task', number: 2 }])
})

test('what breaks in the draft and in the revision is told once', () => {
  const breakages = [{ node: 'find', field: 'inputs.ip', problem: 'is missing', remedy: '' }]
  const broken = [{ flow_id: 'a', place: 'draft' as const, breakages }, { flow_id: 'a', place: 'revision' as const, breakages }]
  const [flow] = plannedFlows({ ...NOTHING, uses: [use('a', 'draft')], broken })
  expect(flow?.breakages).toEqual(['find: is missing'])
})

test('a task of a plugin alone belongs to no flow', () => {
  expect(plannedFlows({ ...NOTHING, uses: [use('', 'task', { tasks: 1 })], broken: [] })).toEqual([])
})

test('what would break is told by flow, that of no node without its name', () => {
  const broken = [
    { flow_id: 'a', place: 'draft' as const, breakages: [{ node: '', field: 'inputs', problem: 'is empty', remedy: '' }] },
    { flow_id: 'b', place: 'draft' as const, breakages: [{ node: 'find', field: 'inputs.ip', problem: 'is missing', remedy: '' }] },
  ]
  expect([...breakagesByFlow(broken)]).toEqual([['a', ['is empty']], ['b', ['find: is missing']]])
})
