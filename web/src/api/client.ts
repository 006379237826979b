import createClient from 'openapi-fetch'
import { ApiProblem } from './problem'
import type { paths } from './schema'

const SAFE = new Set(['GET', 'HEAD'])
let csrfToken = ''
let onSignedOut: (() => void) | undefined

/** Keeps the token that unsafe calls with the session cookie must carry. */
export function setCsrfToken(token: string): void {
  csrfToken = token
}

/** What unsafe calls past `api` must carry. */
export function csrfHeaders(): Record<string, string> {
  return csrfToken === '' ? {} : { 'X-CSRF-Token': csrfToken }
}

/** Registers what happens when the server no longer knows the session. */
export function whenSignedOut(action: () => void): void {
  onSignedOut = action
}

/** The management API, typed by the server's own OpenAPI document. */
export const api = createClient<paths>({
  baseUrl: globalThis.location.origin,
  credentials: 'same-origin',
  // Looked up at each call, so that it can be replaced.
  fetch: (request) => globalThis.fetch(request),
})

api.use({
  onRequest({ request }) {
    if (!SAFE.has(request.method) && csrfToken !== '') request.headers.set('X-CSRF-Token', csrfToken)
  },
  async onResponse({ request, response }) {
    if (response.ok) return
    const isSession = new URL(request.url).pathname === '/v1/session'
    if (response.status === 401 && !isSession) onSignedOut?.()
    throw await ApiProblem.fromResponse(response)
  },
  onError() {
    return ApiProblem.unreachable()
  },
})

/**
 * What the server answered.
 * @throws ApiProblem for any answer that is not 2xx and when the server can't be reached.
 */
export async function answer<Data>(call: Promise<{ data?: Data }>): Promise<Data> {
  const { data } = await call
  return data as Data
}

/** As `answer`, where the document says only "an object" of what is known more closely. */
export async function refined<Closer extends object>(call: Promise<{ data?: object }>): Promise<Closer> {
  const { data } = await call
  return data as Closer
}

type Filled<Query> = { [Name in keyof Query]?: Exclude<Query[Name], null | ''> }

/** A query without its empty members: an emptied filter is no filter. */
export function given<Query extends object>(query: Query): Filled<Query> {
  const filled = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== '')
  return Object.fromEntries(filled) as Filled<Query>
}

