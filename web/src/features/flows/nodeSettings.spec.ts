import { expect, it } from 'vitest'
import type { FlowNode } from '@/api/types'
import { areInputs, settingsOf, withSettings } from './nodeSettings'

const NODES: FlowNode[] = [
  { id: 'a', kind: 'start' },
  { id: 'b', kind: 'exclusive', name: 'How?' },
  { id: 'c', kind: 'plugin', plugin: 'run', version: '1.0.0', inputs: { host: '${inputs.host}' }, optional: true, retryable: false, skippable: false, on_failure: 'handle', retry: { times: 3, interval: 10, factor: 2 }, timeout: { seconds: 60, action: 'skip' }, lock: { key: 'k', limit: 1 }, executor: 'ann' },
  { id: 'd', kind: 'timer', seconds: 5 },
  { id: 'e', kind: 'timer', seconds: '${inputs.pause}' },
  { id: 'f', kind: 'timer', until: '${inputs.at}' },
  { id: 'g', kind: 'approval', message: 'Shall we?', approvers: ['ann', '${inputs.boss}'] },
  { id: 'h', kind: 'expression', values: { x: '1 + 1', y: 'inputs.a' } },
  { id: 'i', kind: 'subflow', flow: 'other', inputs: { a: '${inputs.a}' }, revision: 3 },
  { id: 'j', kind: 'map', flow: 'other', inputs: {}, items: '${inputs.hosts}', parallel: 4 },
  { id: 'k', kind: 'map', flow: 'other', inputs: {}, items: [1, 'two'], parallel: 1 },
  { id: 'l', kind: 'wait', event: 'paid', key: '1' },
  { id: 'm', kind: 'approval', skippable: true },
  { id: 'n', kind: 'confirm', message: 'Go on?' },
]

it.each(NODES)('leaves a node as it is where nothing is changed: $kind $id', (node) => {
  expect(withSettings(node, settingsOf(node))).toEqual(node)
})

it('writes nothing where nothing is set any more', () => {
  const [, , plugin] = NODES as [FlowNode, FlowNode, FlowNode]
  const bare = { ...settingsOf(plugin), name: ' ', optional: false, retryable: true, skippable: true, onFailure: 'stop' as const, retryTimes: null, timeoutSeconds: null, version: '2.0.0' }
  expect(withSettings(plugin, bare)).toEqual({ id: 'c', kind: 'plugin', plugin: 'run', version: '2.0.0', inputs: { host: '${inputs.host}' }, lock: { key: 'k', limit: 1 }, executor: 'ann' })
  const timer: FlowNode = { id: 'd', kind: 'timer', seconds: 5 }
  expect(withSettings(timer, { ...settingsOf(timer), until: '2030-01-01T00:00:00Z' })).toEqual({ id: 'd', kind: 'timer', until: '2030-01-01T00:00:00Z' })
  const sub: FlowNode = { id: 'i', kind: 'subflow', flow: 'other', inputs: {}, revision: 3 }
  expect(withSettings(sub, { ...settingsOf(sub), revision: null })).toEqual({ id: 'i', kind: 'subflow', flow: 'other', inputs: {} })
})

it('says of a branch only what a branch has', () => {
  const branch: FlowNode = { id: 'b', kind: 'exclusive' }
  expect(withSettings(branch, { ...settingsOf(branch), name: 'Which?', optional: true, retryTimes: 3 })).toEqual({ id: 'b', kind: 'exclusive', name: 'Which?' })
})

it('lets an approval be skipped only where that is said', () => {
  const approval: FlowNode = { id: 'g', kind: 'approval' }
  const confirm: FlowNode = { id: 'n', kind: 'confirm' }
  expect([settingsOf(approval).skippable, settingsOf(confirm).skippable]).toEqual([false, true])
  expect(withSettings(approval, { ...settingsOf(approval), skippable: true })).toEqual({ id: 'g', kind: 'approval', skippable: true })
  expect(withSettings(confirm, { ...settingsOf(confirm), skippable: false })).toEqual({ id: 'n', kind: 'confirm', skippable: false })
})

it('names who decides at an approval alone', () => {
  const confirm: FlowNode = { id: 'n', kind: 'confirm' }
  expect(withSettings(confirm, { ...settingsOf(confirm), message: 'Go on?', approvers: ['ann'] })).toEqual({ id: 'n', kind: 'confirm', message: 'Go on?' })
})

it('keeps who is named at a confirmation until they are taken out', () => {
  const confirm: FlowNode = { id: 'n', kind: 'confirm', approvers: ['ann'] }
  expect(withSettings(confirm, { ...settingsOf(confirm), message: 'Go on?' })).toEqual({ ...confirm, message: 'Go on?' })
  expect(withSettings(confirm, { ...settingsOf(confirm), approvers: [] })).toEqual({ id: 'n', kind: 'confirm' })
})

it('writes an output when it has a name and an expression', () => {
  const sum: FlowNode = { id: 'h', kind: 'expression' }
  const values = [{ name: ' x ', expression: '1' }, { name: 'y', expression: ' ' }, { name: ' ', expression: '2' }]
  expect(withSettings(sum, { ...settingsOf(sum), values }).values).toEqual({ x: '1' })
})

it.each([['5', '5'], ['{"a": 1}', '{"a": 1}'], ['[1]', [1]], ['${inputs.hosts}', '${inputs.hosts}']])('reads the items %s as a list or leaves the text', (items, read) => {
  const map: FlowNode = { id: 'j', kind: 'map', flow: 'other', inputs: {} }
  expect(withSettings(map, { ...settingsOf(map), items }).items).toEqual(read)
})

it.each([['1.5', 1.5], ['0', 0], ['-1', '-1'], ['soon', 'soon']])('reads the seconds %s as a length of time or leaves the text', (seconds, read) => {
  const timer: FlowNode = { id: 'd', kind: 'timer' }
  expect(withSettings(timer, { ...settingsOf(timer), seconds }).seconds).toBe(read)
})

it('takes only values by their names for inputs', () => {
  expect([{}, { a: 1 }, undefined].map(areInputs)).toEqual([true, true, true])
  expect([[], 5, 'a', null].map(areInputs)).toEqual([false, false, false, false])
})
