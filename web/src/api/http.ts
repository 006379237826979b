import { ApiProblem } from './problem'

type Query = Record<string, string | number | boolean | null | undefined>

interface RequestOptions {
  query?: Query
  body?: unknown
  /** Sent as it is instead of JSON; a plugin package, for instance. */
  raw?: { content: Blob; type: string }
  headers?: Record<string, string>
}

const SAFE = new Set(['GET', 'HEAD'])
let csrfToken = ''
let onSignedOut: (() => void) | undefined

/** Keeps the token that unsafe calls with the session cookie must carry. */
export function setCsrfToken(token: string): void {
  csrfToken = token
}

/** Registers what happens when the server no longer knows the session. */
export function whenSignedOut(action: () => void): void {
  onSignedOut = action
}

/** Address of a management API path, with the query's empty members left out. */
export function address(path: string, query: Query = {}): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== '') search.set(name, String(value))
  }
  const text = search.toString()
  return `/v1${path}${text === '' ? '' : `?${text}`}`
}

/**
 * Calls the management API and gives the parsed answer.
 * @throws ApiProblem for any answer that is not 2xx and when the server can't be reached.
 */
export async function request<T>(method: string, path: string, options: RequestOptions = {}): Promise<T> {
  const headers: Record<string, string> = { Accept: 'application/json', ...options.headers }
  if (!SAFE.has(method) && csrfToken !== '') headers['X-CSRF-Token'] = csrfToken
  let body: BodyInit | undefined
  if (options.raw !== undefined) {
    headers['Content-Type'] = options.raw.type
    body = options.raw.content
  } else if (options.body !== undefined) {
    headers['Content-Type'] = 'application/json'
    body = JSON.stringify(options.body)
  }
  let response: Response
  try {
    response = await fetch(address(path, options.query), { method, headers, body, credentials: 'same-origin' })
  } catch {
    throw ApiProblem.unreachable()
  }
  if (!response.ok) {
    const problem = await ApiProblem.fromResponse(response)
    if (response.status === 401 && path !== '/session') onSignedOut?.()
    throw problem
  }
  if (response.status === 204) return undefined as T
  return (await response.json()) as T
}

/** Encodes one path segment. */
export function seg(value: string | number): string {
  return encodeURIComponent(String(value))
}
