import { expect, it } from 'vitest'
import type { FlowDefinition } from '@/api/types'
import { freeId, newNode } from './newNode'

const flow: FlowDefinition = { nodes: [{ id: 'timer', kind: 'timer' }, { id: 'timer_2', kind: 'timer' }], edges: [{ id: 'job_run', source: 'timer', target: 'timer_2' }] }

it('names a node after what it is, and never as another one', () => {
  expect(newNode(flow, { kind: 'timer' })).toEqual({ id: 'timer_3', kind: 'timer', seconds: 60 })
  expect(newNode(flow, { kind: 'plugin', plugin: 'job_run', version: '1.0.0' })).toEqual({ id: 'job_run_2', kind: 'plugin', plugin: 'job_run', version: '1.0.0', inputs: {} })
})

it('makes ids that references can name', () => {
  expect(freeId(flow, 'my-plug in')).toBe('my_plug_in')
  expect(freeId(flow, '2nd')).toBe('_2nd')
})
