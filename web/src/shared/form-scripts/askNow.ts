import type { Endpoint, RequestAnswer } from './types'

const SECONDS = 20

interface Asked {
  url: string
  method: string
  data: unknown
}

/** Asks for a script that waits, JSON to JSON. The script's address stands in the body: what is dialled is ours. */
export function askNow(endpoint: Endpoint, text: string): string {
  const { url, method, data } = JSON.parse(text) as Asked
  const body = { url, method: method === 'GET' ? 'GET' : 'POST', ...(isPlain(data) ? { data } : {}), ...(endpoint.flow === undefined ? {} : { flow: endpoint.flow }) }
  const request = new XMLHttpRequest()
  try {
    request.open('POST', endpoint.address, false)
    request.timeout = SECONDS * 1000
    request.setRequestHeader('Content-Type', 'application/json')
    Object.entries(endpoint.headers).forEach(([name, value]) => request.setRequestHeader(name, value))
    request.send(JSON.stringify(body))
  } catch {
    return JSON.stringify({ ok: false, status: 0, message: 'no answer' } satisfies RequestAnswer)
  }
  return JSON.stringify(answerOf(request.status, request.responseText))
}

/** What the server said, as a request is answered. */
export function answerOf(status: number, text: string): RequestAnswer {
  let said: { data?: unknown; detail?: unknown }
  try {
    said = JSON.parse(text) as typeof said
  } catch {
    said = {}
  }
  return status === 200 ? { ok: true, status, body: said.data } : { ok: false, status, message: String(said.detail ?? `HTTP ${status}`) }
}

function isPlain(data: unknown): boolean {
  return typeof data === 'object' && data !== null && !Array.isArray(data)
}
