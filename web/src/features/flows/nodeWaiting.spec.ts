import { expect, it } from 'vitest'
import type { FlowNode } from '@/api/types'
import { withWaiting } from './nodeWaiting'

const wait: FlowNode = { id: 'a', kind: 'wait', event: 'old', key: 'k' }

it('writes what a node waits for, and nothing where nothing is given', () => {
  const waiting = { lockKey: 'host', limit: 2, event: 'paid', eventKey: '' }
  expect(withWaiting(wait, waiting)).toEqual({ id: 'a', kind: 'wait', lock: { key: 'host', limit: 2 }, event: 'paid' })
  expect(withWaiting({ id: 'b', kind: 'plugin' }, waiting)).toEqual({ id: 'b', kind: 'plugin', lock: { key: 'host', limit: 2 } })
  expect(withWaiting(wait, { lockKey: '', limit: 1, event: '', eventKey: '' })).toEqual({ id: 'a', kind: 'wait' })
})
