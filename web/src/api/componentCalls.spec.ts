// @vitest-environment jsdom
import { describe, expect, it } from 'vitest'
import { fieldsOf } from './componentCalls'

describe('the fields a component names', () => {
  it('are each a problem of their own', () => {
    expect(fieldsOf('title: is missing; receiver.0: is too long')).toEqual([
      { field: 'title', problem: 'is missing' },
      { field: 'receiver.0', problem: 'is too long' },
    ])
  })

  it('are none in a sentence', () => {
    expect(fieldsOf('Some users failed to send message: zoe (550 no such mailbox)')).toEqual([])
  })
})
