import { zipSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import { readWorkbook, workbookOf } from './workbooks'

describe('workbooks', () => {
  it('come back as texts, cell by cell, with formulas and signs of XML in them', async () => {
    const lines = [['ip', 'n', 'note'], ['10.0.0.1', 7, '=1+1'], ['', 0.5, ' <a> & "b"\n\u0001中文'], [null, undefined, true]]
    expect(await readWorkbook(workbookOf(lines))).toEqual([
      ['ip', 'n', 'note'], ['10.0.0.1', '7', '=1+1'], ['', '0.5', ' <a> & "b"\n中文'], ['', '', 'true'],
    ])
  })

  it('may have many columns and lines', async () => {
    const line = Array.from({ length: 60 }, (_, column) => `a cell of column ${column}`)
    const lines = Array.from({ length: 400 }, () => line)
    expect(await readWorkbook(workbookOf(lines))).toEqual(lines)
  })

  it('are nothing else', async () => {
    await expect(readWorkbook(new Blob(['ip,note']))).rejects.toThrow()
    await expect(readWorkbook(new Blob([new Uint8Array(zipSync({ 'a.txt': new Uint8Array(3) }))]))).rejects.toThrow()
  })
})
