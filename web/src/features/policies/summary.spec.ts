import { describe, expect, it } from 'vitest'
import { summary } from './summary'

describe('summary', () => {
  it('says limits by their periods, and who they are for', () => {
    const config = { rates: { __default: [{ period: 60, tokens: 100 }], shop: [{ period: 1, tokens: 5 }, { period: 86400, tokens: 10 }] }, total: [], per: 'app' }
    expect(summary(config)).toBe('rates: *: 100/min; shop: 5/s, 10/d; per: app')
  })

  it('leaves out what is usual for the kind', () => {
    expect(summary({ ttl: 60, per: 'app', statuses: [200] }, { properties: { per: { default: 'app' }, statuses: { default: [200] } } })).toBe('ttl: 60')
  })

  it('leaves out what says nothing', () => {
    expect(summary({ allow: ['10.0.0.0/8'], deny: [], shared: false, body: '', delay: null, request: { set: {}, remove: [] } })).toBe('allow: 10.0.0.0/8')
  })
})
