import type { Page } from './types'

/** A list put together of its pages. */
export interface Gathered<Item> {
  items: Item[]
  /** Whether the server has more of them. */
  more: boolean
}

const MOST = 5_000

/** All pages of a list, one after the other, up to `most` items. */
export async function gathered<Item>(read: (cursor: string | undefined) => Promise<Page<Item>>, most = MOST): Promise<Gathered<Item>> {
  const items: Item[] = []
  let cursor: string | undefined
  do {
    const page = await read(cursor)
    items.push(...page.items)
    cursor = page.next ?? undefined
  } while (cursor !== undefined && items.length < most)
  return { items, more: cursor !== undefined }
}
