import type { JsonObject } from '@/api/types'

export interface DocumentReading {
  document: JsonObject | null
  /** Why the text is no document, in the words of the parser; empty when it is one or there is no text. */
  problem: string
}

const METHODS = new Set(['get', 'put', 'post', 'delete', 'patch', 'head', 'options', 'trace'])

function asObject(value: unknown): JsonObject | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null
}

/** Reads JSON or YAML. Whether it is good OpenAPI the server decides. */
export async function readDocument(text: string): Promise<DocumentReading> {
  if (text.trim() === '') return { document: null, problem: '' }
  try {
    const value: unknown = text.trimStart().startsWith('{') ? JSON.parse(text) : (await import('yaml')).parse(text)
    const document = asObject(value)
    return { document, problem: document === null ? 'The text is not an OpenAPI document' : '' }
  } catch (error) {
    return { document: null, problem: (error as Error).message.split('\n')[0] ?? '' }
  }
}

/** What a document says of itself: title, number of operations, first server, and a name made of the title. */
export function about(document: JsonObject): { title: string; operations: number; server: string; name: string } {
  const info = asObject(document.info)
  const title = typeof info?.title === 'string' ? info.title : ''
  const paths = Object.values(asObject(document.paths) ?? {})
  const operations = paths.flatMap((path) => Object.keys(asObject(path) ?? {}).filter((key) => METHODS.has(key))).length
  const servers = Array.isArray(document.servers) ? document.servers : []
  const url: unknown = asObject(servers[0])?.url
  const name = title.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 32)
  return { title, operations, server: typeof url === 'string' && /^https?:\/\//.test(url) ? url : '', name }
}
