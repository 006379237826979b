// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { answer, api, given, setCsrfToken, whenSignedOut } from './client'
import { ApiProblem } from './problem'

const server = vi.fn<(request: Request) => Promise<Response>>()
const signedOut = vi.fn()

beforeEach(() => {
  vi.stubGlobal('fetch', server)
  server.mockReset()
  signedOut.mockReset()
  whenSignedOut(signedOut)
  setCsrfToken('token')
})
afterEach(() => vi.unstubAllGlobals())

function asked(): Request {
  const request = server.mock.calls.at(-1)?.[0]
  if (request === undefined) throw new Error('nothing was asked')
  return request
}
function says(status: number, body: unknown): void {
  server.mockResolvedValue(new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/problem+json' } }))
}

describe('the client', () => {
  it('sends the CSRF token with changing calls, and only with them', async () => {
    says(200, { id: 'f' })
    await answer(api.GET('/v1/flows/{flow}', { params: { path: { flow: 'f' } } }))
    expect(asked().headers.has('X-CSRF-Token')).toBe(false)
    says(200, { problems: [] })
    await answer(api.POST('/v1/flows/{flow}:validate', { params: { path: { flow: 'a/b' } } }))
    expect(asked().headers.get('X-CSRF-Token')).toBe('token')
    expect(new URL(asked().url).pathname).toBe('/v1/flows/a%2Fb:validate')
  })

  it('throws the problem the server answered, with its fields', async () => {
    says(422, { title: 'Invalid', status: 422, detail: 'name: is taken', code: 'taken', request_id: 'r1', errors: [{ field: 'name', problem: 'is taken', remedy: '' }] })
    const problem = await answer(api.GET('/v1/launchable')).catch((error: unknown) => error)
    expect(problem).toBeInstanceOf(ApiProblem)
    expect(problem).toMatchObject({ status: 422, code: 'taken', requestId: 'r1', fields: [{ field: 'name' }] })
    expect(signedOut).not.toHaveBeenCalled()
  })

  it('makes a problem of a page that is not JSON', async () => {
    server.mockResolvedValue(new Response('<html>Bad gateway</html>', { status: 502, statusText: 'Bad Gateway' }))
    await expect(answer(api.GET('/v1/launchable'))).rejects.toMatchObject({ status: 502, title: 'Bad Gateway' })
  })

  it('tells apart a server that can not be reached', async () => {
    server.mockRejectedValue(new TypeError('Failed to fetch'))
    await expect(answer(api.GET('/v1/launchable'))).rejects.toMatchObject({ status: 0 })
  })

  it('notices that the session has ended, but not where sessions are asked for', async () => {
    says(401, { title: 'Unauthorized' })
    await expect(answer(api.GET('/v1/session'))).rejects.toBeInstanceOf(ApiProblem)
    expect(signedOut).not.toHaveBeenCalled()
    says(401, { title: 'Unauthorized' })
    await expect(answer(api.GET('/v1/launchable'))).rejects.toBeInstanceOf(ApiProblem)
    expect(signedOut).toHaveBeenCalledOnce()
  })
})

describe('given', () => {
  it('leaves out emptied filters', () => {
    expect(given({ state: '', cursor: null, q: undefined, tag: 'cmdb', n: 0 })).toEqual({ tag: 'cmdb', n: 0 })
  })
})
