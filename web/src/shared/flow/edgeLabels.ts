import type { FlowEdge } from '@/api/types'

const LONGEST = 34

/** What stands on an edge without a name or condition. */
export interface EdgeWords {
  otherwise: string
  failure: string
}

/** What stands on an edge: its name, else its condition, else that it is the way taken otherwise, or after a failure. */
export function edgeLabel({ name, condition, default: otherwise, failure }: FlowEdge, words: EdgeWords): string {
  const said = name || condition || (otherwise === true ? words.otherwise : failure === true ? words.failure : '')
  return said.length > LONGEST ? `${said.slice(0, LONGEST - 1)}…` : said
}
