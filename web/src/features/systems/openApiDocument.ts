import type { JsonObject } from '@/api/types'

const METHODS = new Set(['get', 'put', 'post', 'delete', 'patch', 'head', 'options', 'trace', 'x-bk-apigateway-method-any'])
const VARIABLE = /\{\{\s*(settings|environ)\.([A-Za-z_][A-Za-z0-9_]*)\s*\}\}/g

function asObject(value: unknown): JsonObject | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null
}

/** What a document says of itself. */
export interface About {
  title: string
  operations: number
  server: string
  /** Made of the title. */
  name: string
}

/**
 * What JSON or YAML text says of itself, as far as it can be read here; whether it is a good document the server
 * decides. Variables of a template stand for themselves.
 */
export async function aboutText(text: string): Promise<About | null> {
  if (text.trim() === '') return null
  try {
    const plain = text.replace(VARIABLE, (_, kind: string, name: string) => `${kind}.${name}`)
    const document = asObject((await import('yaml')).parse(plain))
    return document === null ? null : about(document)
  } catch {
    return null
  }
}

/** Title, number of operations, first server, and a name made of the title. */
export function about(document: JsonObject): About {
  const info = asObject(document.info)
  const title = typeof info?.title === 'string' ? info.title : ''
  const paths = Object.values(asObject(document.paths) ?? {})
  const operations = paths.flatMap((path) => Object.keys(asObject(path) ?? {}).filter((key) => METHODS.has(key))).length
  const servers = Array.isArray(document.servers) ? document.servers : []
  const url: unknown = asObject(servers[0])?.url
  const name = title.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 32)
  return { title, operations, server: typeof url === 'string' && /^https?:\/\//.test(url) ? url : '', name }
}

/** `settings.NAME` and `environ.NAME` that a text wants values for. */
export function variablesOf(text: string): string[] {
  return [...new Set([...text.matchAll(VARIABLE)].map(([, kind, name]) => `${kind}.${name}`))]
}

/** The line of a text at which a JSON pointer leads; the nearest one above it that there is. */
export async function lineOf(text: string, pointer: string): Promise<number | null> {
  const { isNode, LineCounter, parseDocument } = await import('yaml')
  const counter = new LineCounter()
  const document = parseDocument(text, { lineCounter: counter })
  const path = pointer.split('/').slice(1).map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
  for (let length = path.length; length >= 0; length -= 1) {
    const node: unknown = document.getIn(path.slice(0, length), true)
    if (isNode(node) && node.range) return counter.linePos(node.range[0]).line
  }
  return null
}
