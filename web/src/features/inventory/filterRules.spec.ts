import { describe, expect, it } from 'vitest'
import { filterOf, operatorsOf, withSearch, type TypedGroup } from './filterRules'

const TYPES = new Map([['bk_host_name', 'singlechar'], ['bk_mem', 'int'], ['bk_os_type', 'enum'], ['spare', 'bool']])

function group(condition: 'AND' | 'OR', ...rules: TypedGroup['rules']): TypedGroup {
  return { condition, rules }
}

describe('filterOf', () => {
  it('gives values the type of their field', () => {
    const typed = group('AND', { field: 'bk_mem', operator: 'between', value: '1024, 2048' }, { field: 'spare', operator: 'equal', value: 'true' }, { field: 'bk_os_type', operator: 'in', value: ['1', '2'] })
    expect(filterOf(typed, TYPES)?.rules).toEqual([
      { field: 'bk_mem', operator: 'between', value: [1024, 2048] },
      { field: 'spare', operator: 'equal', value: true },
      { field: 'bk_os_type', operator: 'in', value: ['1', '2'] },
    ])
  })

  it('leaves out what says nothing, and groups of it', () => {
    const typed = group('AND', { field: 'bk_host_name', operator: 'contains', value: ' ' }, group('OR'), group('OR', { field: 'bk_host_name', operator: 'is_empty', value: '' }))
    expect(filterOf(typed, TYPES)).toEqual({ condition: 'AND', rules: [{ condition: 'OR', rules: [{ field: 'bk_host_name', operator: 'is_empty' }] }] })
    expect(filterOf(group('OR', group('AND')), TYPES)).toBeNull()
  })
})

describe('withSearch', () => {
  it('adds a group of its own to what must hold', () => {
    expect(withSearch(null, '')).toBeNull()
    const both = withSearch({ condition: 'AND', rules: [{ field: 'bk_mem', operator: 'is_null' }] }, 'web')
    expect(both?.condition).toBe('AND')
    expect(both?.rules).toHaveLength(2)
  })
})

describe('operatorsOf', () => {
  it('offers order to numbers and times alone', () => {
    expect(operatorsOf('int')).toContain('less')
    expect(operatorsOf('singlechar')).not.toContain('less')
    expect(operatorsOf('enum')).not.toContain('contains')
  })
})
