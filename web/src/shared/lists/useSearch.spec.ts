import { describe, expect, it } from 'vitest'
import { useSearch } from './useSearch'

describe('useSearch', () => {
  it('asks for what is typed once it is searched for, from the first page on', () => {
    const { typed, asked, page, search } = useSearch()
    page.value = 3
    typed.value = '  disks '
    expect(asked.value).toBe('')
    search()
    expect([asked.value, page.value]).toEqual(['disks', 1])
  })
})
