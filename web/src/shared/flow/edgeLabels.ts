import type { FlowEdge } from '@/api/types'

const LONGEST = 34

/** What stands on an edge: its name, else its condition, else that it is the way taken otherwise. */
export function edgeLabel({ name, condition, default: otherwise }: FlowEdge, otherwiseText: string): string {
  const said = name || condition || (otherwise === true ? otherwiseText : '')
  return said.length > LONGEST ? `${said.slice(0, LONGEST - 1)}…` : said
}
