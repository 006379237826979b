import { describe, expect, it } from 'vitest'
import { holding, withPolicy } from './holding'

const cors = { kind: 'cors', config: { allow_origins: ['*'] } }
const slow = { kind: 'rate-limit', config: { total: [{ period: 1, tokens: 1 }] } }
const fast = { kind: 'rate-limit', config: { total: [{ period: 1, tokens: 99 }] } }

describe('holding', () => {
  it('is the policy of the most specific place', () => {
    expect(holding('rate-limit', [[slow], [fast]])).toEqual({ policy: fast, own: true })
  })

  it('comes from a more general place where the place has none', () => {
    expect(holding('cors', [[cors, slow], [fast]])).toEqual({ policy: cors, own: false })
    expect(holding('retry', [[cors], [fast]])).toEqual({ policy: null, own: false })
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
