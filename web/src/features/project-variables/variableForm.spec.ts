import { describe, expect, it } from 'vitest'
import type { ProjectVariable } from '@/api/types'
import { formOf, wishOf, type VariableForm } from './variableForm'

const variable = { name: 'region', title: 'Region', description: '', version: 3, updated_by: 'ann', updated_at: '2030-01-01T00:00:00Z' }

describe('the form of a variable', () => {
  it.each([['text', 'north'], ['text', ''], ['number', 0], ['number', 1.5], ['boolean', false], ['boolean', true], ['list', []], ['object', { a: [1] }]] as const)('gives a %s back as it was', (kind, value) => {
    expect(wishOf(formOf({ ...variable, kind, value } as ProjectVariable))).toEqual({ name: 'region', title: 'Region', description: '', value })
  })

  it.each([
    { name: ' ' },
    { kind: 'number', number: null },
    { kind: 'list', json: { a: 1 } },
    { kind: 'object', json: [1] },
    { kind: 'object', json: undefined },
  ] as Partial<VariableForm>[])('is not complete with %o', (part) => {
    expect(wishOf({ ...formOf(null), name: 'region', ...part })).toBeUndefined()
  })
})
