import { describe, expect, it } from 'vitest'
import { changedTags, isScripted, withScriptValues } from './changes'

const cell = { type: 'Control', scope: '#/properties/ip', options: { tag: 'input' } }
const layout = {
  type: 'VerticalLayout',
  elements: [
    { type: 'Label', text: 'x', options: { tag: 'text' } },
    { type: 'Control', scope: '#/properties/name', options: { tag: 'input' } },
    { type: 'Control', scope: '#/properties/box', options: { tag: 'combine', detail: { type: 'VerticalLayout', elements: [cell] } } },
    { type: 'Control', scope: '#/properties/rows', options: { tag: 'datatable', detail: { type: 'VerticalLayout', elements: [cell] } } },
  ],
}

describe('changedTags', () => {
  it('finds fields, also inside of groups and rows', () => {
    const before = { name: 'a', box: { ip: '1' }, rows: [{ ip: '1' }, { ip: '2' }] }
    const after = { box: { ip: '9' }, rows: [{ ip: '1' }, { ip: '3' }] }
    expect(changedTags(before, after, layout)).toEqual([
      { path: ['name'], value: null },
      { path: ['box', 'ip'], value: '9' },
      { path: ['rows', '1', 'ip'], value: '3' },
    ])
  })

  it('takes a table as one where lines were added', () => {
    expect(changedTags({ rows: [] }, { rows: [{ ip: '1' }] }, layout)).toEqual([{ path: ['rows'], value: [{ ip: '1' }] }])
  })

  it('takes a table as one where lines changed places, with what they have beside their columns', () => {
    const [first, second] = [{ ip: '1', key: 'a' }, { ip: '2', key: 'b' }]
    expect(changedTags({ rows: [first, second] }, { rows: [second, first] }, layout)).toEqual([{ path: ['rows'], value: [second, first] }])
  })
})

describe('withScriptValues', () => {
  it('keeps what was typed while the script was running', () => {
    expect(withScriptValues({ a: 'typed on', b: '' }, { a: 'typed', b: '' }, { a: 'typed', b: 'set' })).toEqual({ a: 'typed on', b: 'set' })
  })

  it('leaves data alone that the script left alone', () => {
    const data = { a: '1' }
    expect(withScriptValues(data, { a: '1' }, { a: '1' })).toBe(data)
  })
})

describe('isScripted', () => {
  it('tells forms that were made of a script', () => {
    expect(isScripted(layout)).toBe(true)
    expect(isScripted({ type: 'VerticalLayout', elements: [{ type: 'Control', scope: '#/properties/a' }] })).toBe(false)
    expect(isScripted(null)).toBe(false)
  })
})
