// @vitest-environment jsdom
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ask, askDataApi, callbackIn, formOf, tokenOf } from './servedPlugin'

function answering(text: string, status = 200) {
  const fetched = vi.fn<(path: string, sent?: RequestInit) => Promise<Response>>(() => Promise.resolve(new Response(text, { status })))
  vi.stubGlobal('fetch', fetched)
  return fetched
}
afterEach(() => vi.unstubAllGlobals())

describe('ask', () => {
  it('answers what the plugin says, and in words what is no answer of it', async () => {
    answering('{"result": true, "data": {"code": "greeter"}, "message": ""}')
    expect(await ask('bk_plugin/meta/')).toMatchObject({ result: true, data: { code: 'greeter' } })
    answering('{"detail": "JSON parse error"}', 400)
    expect(await ask('bk_plugin/invoke/1.0.0', {})).toMatchObject({ result: false, message: 'JSON parse error' })
    answering('Internal Server Error', 500)
    expect((await ask('bk_plugin/meta/')).message).toBe('HTTP 500: Internal Server Error')
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')))
    expect((await ask('bk_plugin/meta/')).message).toBe('Failed to fetch')
  })
})

describe('askDataApi', () => {
  it('sends what a form asks its plugin the way flows do', async () => {
    const fetched = answering('{"result": true, "data": {"items": [1]}, "message": "success"}')
    const asked = { url: `${window.location.origin}/bk_plugin/plugin_api/hosts?biz=2`, method: 'GET', data: null }
    expect(await askDataApi(asked)).toEqual({ ok: true, status: 200, body: { items: [1] } })
    const [path, sent] = fetched.mock.calls[0] ?? []
    expect(path).toBe('bk_plugin/plugin_api_dispatch/')
    expect(JSON.parse(String(sent?.body))).toEqual({ url: '/bk_plugin/plugin_api/hosts?biz=2', method: 'GET', username: 'author', data: {} })
  })

  it.each(['https://elsewhere.example/bk_plugin/plugin_api/x', '/pipeline/cc_search_topo/2/', '/bk_plugin/plugin_api/../invoke/1.0.0'])('asks nobody else: %s', async (url) => {
    const fetched = answering('{}')
    expect((await askDataApi({ url, method: 'GET', data: null })).ok).toBe(false)
    expect(fetched).not.toHaveBeenCalled()
  })
})

describe('formOf', () => {
  it('has what a field refers to in the field itself', () => {
    const schema = {
      type: 'object',
      properties: { color: { default: 'red', allOf: [{ $ref: '#/definitions/Color' }] }, rows: { type: 'array', items: { $ref: '#/definitions/Color' } } },
      definitions: { Color: { title: 'Color', enum: ['red', 'blue'], type: 'string' } },
    }
    const color = { title: 'Color', enum: ['red', 'blue'], type: 'string' }
    expect(formOf(schema).schema.properties).toEqual({ color: { ...color, default: 'red' }, rows: { type: 'array', items: color } })
  })

  it('ends where a definition refers to itself', () => {
    const schema = { type: 'object', properties: { node: { $ref: '#/definitions/Node' } }, definitions: { Node: { properties: { next: { $ref: '#/definitions/Node' } } } } }
    expect(JSON.stringify(formOf(schema).schema).match(/next/g)?.length).toBeLessThan(10)
  })
})

describe('callbacks', () => {
  it('are found in outputs, and named by their token', () => {
    const address = 'http://127.0.0.1:8000/bk_plugin/callback/abc-1/'
    expect(callbackIn({ count: 1, url: address })).toBe(address)
    expect(callbackIn(null)).toBeUndefined()
    expect([tokenOf(address), tokenOf(' abc-1 ')]).toEqual(['abc-1', 'abc-1'])
  })
})
