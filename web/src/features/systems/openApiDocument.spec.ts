import { describe, expect, it } from 'vitest'
import { about, readDocument } from './openApiDocument'

describe('readDocument', () => {
  it('reads JSON and YAML', async () => {
    expect((await readDocument('{"openapi":"3.1.0"}')).document).toEqual({ openapi: '3.1.0' })
    expect((await readDocument('openapi: 3.1.0\npaths: {}\n')).document).toEqual({ openapi: '3.1.0', paths: {} })
  })

  it('says why a text is no document', async () => {
    expect((await readDocument('{"openapi":')).problem).not.toBe('')
    expect((await readDocument('just words')).problem).not.toBe('')
    expect(await readDocument('  ')).toEqual({ document: null, problem: '' })
  })
})

describe('about', () => {
  it('counts operations and offers a name and the server', () => {
    const document = {
      info: { title: 'Host Inventory (CMDB)' },
      servers: [{ url: 'https://cmdb.example.com/api' }],
      paths: { '/hosts': { get: {}, post: {}, parameters: [] }, '/hosts/{id}': { delete: {} } },
    }
    expect(about(document)).toEqual({ title: 'Host Inventory (CMDB)', operations: 3, server: 'https://cmdb.example.com/api', name: 'host-inventory-cmdb' })
  })

  it('offers nothing it does not know', () => {
    expect(about({ servers: [{ url: '/relative' }] })).toEqual({ title: '', operations: 0, server: '', name: '' })
  })
})
