import { describe, expect, it } from 'vitest'
import type { NamedSecret } from '@/api/types'
import { bodyOf, formOf, isComplete } from './secretForm'

const KEPT: NamedSecret = { name: 'db', source: 'vault', reference: { path: 'secret/data/db', field: 'password' }, used_by: [], updated_by: 'ann', updated_at: '2026-01-01T00:00:00Z', read_at: null, problem: null }

describe('the form of a secret', () => {
  it('starts with where an outside source has it', () => {
    const form = formOf(KEPT)
    expect(bodyOf(form)).toEqual({ source: 'vault', path: 'secret/data/db', field: 'password' })
    expect(isComplete(form)).toBe(true)
  })

  it('asks for the value of one that is kept here', () => {
    const form = formOf({ ...KEPT, source: 'stored', reference: {} })
    expect(isComplete(form)).toBe(false)
    form.values.value = ' a b '
    expect(bodyOf(form)).toEqual({ source: 'stored', value: ' a b ' })
    expect(isComplete(form)).toBe(true)
  })

  it('sends nothing of another source that was typed before', () => {
    const form = { ...formOf(null), name: 'db', values: { value: 'x', variable: ' TRUNKLINE_EXTERNAL_A ' } }
    expect(bodyOf({ ...form, source: 'environment' })).toEqual({ source: 'environment', variable: 'TRUNKLINE_EXTERNAL_A' })
  })
})
