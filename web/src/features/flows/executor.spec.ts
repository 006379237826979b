import { describe, expect, it } from 'vitest'
import type { FlowNode } from '@/api/types'
import { withExecutor } from './executor'

const NODE: FlowNode = { id: 'a', kind: 'plugin' }

describe('withExecutor', () => {
  it('names a person, without the blanks around the name', () => {
    expect(withExecutor(NODE, ' ann ')).toEqual({ ...NODE, executor: 'ann' })
  })

  it('names nobody when the name is empty', () => {
    expect(withExecutor({ ...NODE, executor: 'ann' }, ' ')).toEqual(NODE)
  })
})
