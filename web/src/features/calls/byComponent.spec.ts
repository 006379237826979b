import { describe, expect, it } from 'vitest'
import { byComponent } from './byComponent'

describe('byComponent', () => {
  it('adds up what apps called, the most called component first', () => {
    const shop = { component: 'list', app_code: 'shop', calls: 2, errors: 1, last_day: '2026-01-03' }
    const report = { component: 'list', app_code: 'report', calls: 5, errors: 0, last_day: '2026-01-01' }
    const other = { component: 'create', app_code: 'shop', calls: 3, errors: 0, last_day: '2026-01-02' }
    expect(byComponent([other, report, shop])).toEqual([
      { component: 'list', calls: 7, errors: 1, last_day: '2026-01-03', apps: [report, shop] },
      { component: 'create', calls: 3, errors: 0, last_day: '2026-01-02', apps: [other] },
    ])
  })
})
