import { describe, expect, it } from 'vitest'
import { about, aboutText, lineOf, variablesOf } from './openApiDocument'

const TEXT = `openapi: 3.1.0
info:
  title: Host inventory
paths:
  /hosts:
    get:
      parameters:
        - name: limit
          in: nowhere
`

describe('aboutText', () => {
  it('reads JSON and YAML', async () => {
    expect(await aboutText(TEXT)).toEqual({ title: 'Host inventory', operations: 1, server: '', name: 'host-inventory' })
    expect((await aboutText('{"info": {"title": "A"}}'))?.title).toBe('A')
  })

  it('says nothing of what it can not read', async () => {
    for (const text of ['', '  ', '{"openapi":', 'just words']) expect(await aboutText(text)).toBeNull()
  })

  it('reads a template whose variables have no values yet', async () => {
    expect((await aboutText('info:\n  title: {{ settings.NAME }} x\n'))?.title).toBe('settings.NAME x')
  })
})

describe('about', () => {
  it('finds the first server when it is an address', () => {
    expect(about({ servers: [{ url: 'https://a.example.com' }] }).server).toBe('https://a.example.com')
    expect(about({ servers: [{ url: '/relative' }] }).server).toBe('')
  })
})

describe('variablesOf', () => {
  it('names each once', () => {
    expect(variablesOf('a: {{ settings.HOST }}\nb: {{environ.TOKEN}}\nc: {{ settings.HOST }}')).toEqual(['settings.HOST', 'environ.TOKEN'])
  })
})

describe('lineOf', () => {
  it('finds the line of a place, inside of lists too', async () => {
    expect(await lineOf(TEXT, '/paths/~1hosts/get')).toBe(7)
    expect(await lineOf(TEXT, '/paths/~1hosts/get/parameters/0/in')).toBe(9)
  })

  it('finds the nearest one above what is missing', async () => {
    expect(await lineOf(TEXT, '/paths/~1hosts/post')).toBe(6)
  })
})
