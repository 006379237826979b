import { describe, expect, it } from 'vitest'
import { readManifest } from './readManifest'

describe('readManifest', () => {
  it('reads YAML and JSON', async () => {
    expect(await readManifest('name: cmdb\nstages: []\n')).toEqual({ name: 'cmdb', stages: [] })
    expect(await readManifest('{"name": "cmdb"}')).toEqual({ name: 'cmdb' })
  })

  it.each(['', 'words', '- a\n- b', '{"cut'])('says that %j is no document', async (text) => {
    await expect(readManifest(text)).rejects.toThrow()
  })
})
