import { describe, expect, it } from 'vitest'
import { holding, withPolicy } from './holding'

const cors = { kind: 'cors', config: { allow_origins: ['*'] } }
const other = { kind: 'cors', config: { allow_origins: ['https://desk.example.com'] } }
const slow = { kind: 'rate-limit', config: { total: [{ period: 1, tokens: 1 }] } }
const fast = { kind: 'rate-limit', config: { total: [{ period: 1, tokens: 99 }] } }

const limits = { name: 'rate-limit', is_cumulative: true }
const sharing = { name: 'cors', is_cumulative: false }

describe('holding', () => {
  it('is what stands at every place when the kind is cumulative', () => {
    expect(holding(limits, [[slow], [fast]])).toEqual({ own: fast, general: slow })
    expect(holding(limits, [[fast]])).toEqual({ own: fast, general: null })
  })

  it('is the policy of the most specific place when it is not', () => {
    expect(holding(sharing, [[cors], [other]])).toEqual({ own: other, general: null })
  })

  it('comes from a more general place where the place has none', () => {
    expect(holding(sharing, [[cors, slow], [fast]])).toEqual({ own: null, general: cors })
    expect(holding(limits, [[cors, slow], [cors]])).toEqual({ own: null, general: slow })
    expect(holding(sharing, [[slow], [fast]])).toEqual({ own: null, general: null })
  })
})

describe('withPolicy', () => {
  it('puts a policy in the place of its kind, or behind the others', () => {
    expect(withPolicy([slow, cors], 'rate-limit', fast)).toEqual([fast, cors])
    expect(withPolicy([cors], 'rate-limit', fast)).toEqual([cors, fast])
  })

  it('takes one out', () => {
    expect(withPolicy([slow, cors], 'rate-limit', null)).toEqual([cors])
  })
})
