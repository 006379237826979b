// @vitest-environment jsdom
import { describe, expect, it } from 'vitest'
import { documentOf, fieldsOf } from './callErrors'
import { ApiProblem } from './problem'

describe('the fields a component names', () => {
  it('are each a problem of their own', () => {
    expect(fieldsOf('title: is missing; receiver.0: is too long')).toEqual([
      { field: 'title', problem: 'is missing' },
      { field: 'receiver.0', problem: 'is too long' },
    ])
  })

  it('keep what is said about them after a semicolon, such as what to do', () => {
    expect(fieldsOf("private_key: can't be read; send it as PKCS#8: it is kept sealed; port: is too large")).toEqual([
      { field: 'private_key', problem: "can't be read; send it as PKCS#8: it is kept sealed" },
      { field: 'port', problem: 'is too large' },
    ])
  })

  it('are none in a sentence', () => {
    expect(fieldsOf('Some users failed to send message: zoe (550 no such mailbox)')).toEqual([])
  })
})

describe('a refusal of the gateway', () => {
  const message = 'Parameters error [reason="data/bk_set_name: the value does not match "^[a-z]+$""]'

  it('names the field and what is wrong with it', () => {
    expect(documentOf({ code: 1640001, message })).toEqual({
      title: 'Parameters error',
      detail: 'data/bk_set_name: the value does not match "^[a-z]+$"',
      code: 1640001,
      errors: [{ field: 'data/bk_set_name', problem: 'the value does not match "^[a-z]+$"' }],
    })
  })

  it('is its sentence where it gives no reason', () => {
    expect(documentOf({ code: 1642902, message: 'Request rejected' })).toEqual({ title: 'Request rejected', code: 1642902 })
  })

  it('is told where a call comes back with it, as the answers of others are', async () => {
    const refused = await ApiProblem.fromResponse(new Response(JSON.stringify({ code: 1640001, message, result: false }), { status: 400 }))
    expect(refused.title).toBe('Parameters error')
    expect(refused.fields).toHaveLength(1)
    const told = await ApiProblem.fromResponse(new Response(JSON.stringify({ title: 'Conflict', detail: 'It is there' }), { status: 409 }))
    expect([told.title, told.detail]).toEqual(['Conflict', 'It is there'])
  })
})
