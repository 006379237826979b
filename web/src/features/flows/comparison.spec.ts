import { describe, expect, it } from 'vitest'
import { marksOf, placeText, valueText } from './comparison'

describe('a comparison', () => {
  it('marks nodes and edges by what became of them', () => {
    const picture = { nodes: [], edges: [] }
    const marks = marksOf({
      nodes: [{ id: 'a', change: 'added', fields: [] }],
      edges: [{ id: 'a', change: 'removed', fields: [] }],
      fields: [],
      moved: [],
      picture,
    })
    expect(marks).toEqual({ nodes: { a: 'added' }, edges: { a: 'removed' } })
  })
  it('tells places and values as people read them', () => {
    expect(placeText('/inputs/a~1b/c~0d')).toBe('inputs › a/b › c~d')
    expect(valueText('plain')).toBe('plain')
    expect(valueText({ a: null })).toBe('{\n  "a": null\n}')
  })
})
