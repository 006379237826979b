import { describe, expect, it } from 'vitest'
import { gathered } from './pages'

function pages(count: number) {
  return (cursor: string | undefined) => {
    const at = Number(cursor ?? 0)
    return Promise.resolve({ items: [at, at + 0.5], next: at + 1 < count ? String(at + 1) : null })
  }
}

describe('gathered', () => {
  it('reads on until the last page', async () => {
    expect(await gathered(pages(3))).toEqual({ items: [0, 0.5, 1, 1.5, 2, 2.5], more: false })
  })

  it('stops when it has enough, and says that there is more', async () => {
    expect(await gathered(pages(3), 3)).toEqual({ items: [0, 0.5, 1, 1.5], more: true })
  })
})
