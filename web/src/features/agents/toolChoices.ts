import type { McpToolChoice } from '@/api/types'

export type ToolKind = McpToolChoice['kind']
/** What a person picked, by kind. */
export type Picked = Record<ToolKind, string[]>

export interface WantedTool {
  kind: ToolKind
  target: string
  name?: string
}

export const KINDS: ToolKind[] = ['component', 'flow', 'plugin']

/** The targets of a server's tools, by kind. */
export function pickedOf(tools: McpToolChoice[]): Picked {
  const picked: Picked = { component: [], flow: [], plugin: [] }
  for (const { kind, target } of tools) picked[kind].push(target)
  return picked
}

/** The tools to ask for: those that stay keep their names and places, new ones come after them. */
export function wantedTools(before: McpToolChoice[], picked: Picked): WantedTool[] {
  const stays = before.filter(({ kind, target }) => picked[kind].includes(target))
  const known = new Set(stays.map(({ kind, target }) => `${kind}:${target}`))
  const added = KINDS.flatMap((kind) => picked[kind].map((target) => ({ kind, target }))).filter(({ kind, target }) => !known.has(`${kind}:${target}`))
  return [...stays.map(({ kind, target, name }) => ({ kind, target, name })), ...added]
}

/** What a client's configuration says about a server; the client finds out about tokens by itself. */
export function clientSnippet(name: string, url: string): string {
  return JSON.stringify({ mcpServers: { [name]: { type: 'http', url } } }, null, 2)
}
