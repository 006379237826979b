import { describe, expect, it } from 'vitest'
import { choiceGroups, choiceSchema, columnsSchema, treeNodes } from './tagSchemas'

describe('choiceGroups', () => {
  it('reads choices of selects and of radios, and those in groups', () => {
    const items = [{ text: 'A', value: 'a' }, { name: 'B', value: 2 }, { text: 'South', value: 's', options: [{ text: 'Shenzhen', value: 'sz' }] }]
    expect(choiceGroups(items)).toEqual([
      { label: '', choices: [{ value: 'a', label: 'A' }, { value: 2, label: 'B' }] },
      { label: 'South', choices: [{ value: 'sz', label: 'Shenzhen' }] },
    ])
  })

  it('leaves out what is no choice', () => {
    expect(choiceGroups([null, 'x', { text: 'no value' }, { value: {} }])).toEqual([])
    expect(choiceGroups('x')).toEqual([])
  })
})

describe('treeNodes', () => {
  it('reads nodes by id or value', () => {
    expect(treeNodes([{ id: 1, label: 'All', children: [{ value: 'x', text: 'X' }] }])).toEqual([{ value: 1, label: 'All', children: [{ value: 'x', label: 'X' }] }])
  })
})

describe('choiceSchema', () => {
  it('keeps the title and takes the choices there are by now', () => {
    expect(choiceSchema({ title: 'T', type: 'array' }, [{ name: 'A', value: 'a' }])).toEqual({
      title: 'T', type: 'array', items: { oneOf: [{ const: 'a', title: 'A' }] },
    })
    expect(choiceSchema({ title: 'T' }, [])).toBeNull()
  })
})

describe('columnsSchema', () => {
  it('takes columns a script has set', () => {
    const table = { type: 'array', items: { type: 'object', properties: {} } }
    expect(columnsSchema(table, [{ tag_code: 'n', type: 'int', attrs: { name: 'N' } }])).toEqual({
      type: 'array', items: { type: 'object', properties: { n: { type: 'integer', title: 'N' } } },
    })
    expect(columnsSchema(table, [])).toBeNull()
  })
})
