// @vitest-environment jsdom
import { describe, expect, it } from 'vitest'
import { ApiProblem } from '@/api/problem'
import { language } from '@/shared/session/language'
import { fieldMessages, fieldPath } from './fieldMessages'

describe('fieldPath', () => {
  it.each([
    ['inputs.ip', ['inputs', 'ip']],
    ['/inputs/ip', ['inputs', 'ip']],
    ['body.inputs.hosts[0].ip', ['inputs', 'hosts', '0', 'ip']],
    ['$.inputs', ['inputs']],
    ['/inputs/a~1b', ['inputs', 'a/b']],
    ['', []],
  ])('reads %s', (field, path) => {
    expect(fieldPath(field)).toEqual(path)
  })
})

describe('fieldMessages', () => {
  it('joins what is wrong with what to do, and several problems of one field', () => {
    const problem = new ApiProblem(422, {
      errors: [
        { field: 'code', problem: 'is taken.', remedy: 'Choose another.' },
        { field: '/code', problem: 'has capitals', remedy: null },
      ],
    })
    expect(fieldMessages(problem)).toEqual({ code: 'is taken. Choose another. has capitals' })
  })

  it('stands at a list whichever of its members is wrong', () => {
    const problem = new ApiProblem(422, { errors: [{ field: 'hosts.0', problem: 'is no address' }, { field: 'hosts.2', problem: 'is taken' }] })
    expect(fieldMessages(problem)).toEqual({ 'hosts.0': 'is no address', 'hosts.2': 'is taken', hosts: 'is no address is taken' })
  })

  it('is in Chinese in the Chinese console, where the sentence has a code', () => {
    const fields = [
      { field: 'name', problem: 'is missing', remedy: 'Give it', code: 'shape.missing', params: {} },
      { field: 'size', problem: 'is odd', remedy: 'Send an even one' },
    ]
    language.value = 'zh'
    expect(fieldMessages(new ApiProblem(422, { errors: fields }))).toEqual({ name: '缺少此项。请填写', size: 'is odd. Send an even one' })
    language.value = 'en'
    expect(fieldMessages(new ApiProblem(422, { errors: fields })).name).toBe('is missing. Give it')
  })

  it('has nothing to say about other errors', () => {
    expect(fieldMessages(new Error('boom'))).toEqual({})
  })
})
