import { describe, expect, it } from 'vitest'
import { spreadOf } from './spread'

function worker(revision: number) {
  return { id: `w${revision}`, revision, lease_expires_at: '2026-01-01T00:00:00Z' }
}

describe('spreadOf', () => {
  it('is live once every worker serves the newest revision', () => {
    expect(spreadOf({ revision: 7, workers: [worker(7), worker(8)] })).toEqual({ revision: 7, workers: 2, current: 2, live: true })
  })

  it('is not live while one of them is behind', () => {
    expect(spreadOf({ revision: 7, workers: [worker(7), worker(6)] })).toEqual({ revision: 7, workers: 2, current: 1, live: false })
  })

  it('is not live where nobody serves', () => {
    expect(spreadOf({ revision: 7, workers: [] }).live).toBe(false)
  })
})
