import { describe, expect, it } from 'vitest'
import { cellsOf, readCells, readTable, tableLines } from './tableFiles'
import { workbookOf } from './workbooks'

const columns = [{ code: 'ip', name: 'Address' }, { code: 'note', name: 'Note' }]

describe('tables as files', () => {
  it('come back from a workbook as they were saved', async () => {
    const rows = [{ ip: '10.0.0.1', note: 'a "b", c\nd' }, { ip: '=1+1', note: '' }]
    expect(readTable(await cellsOf(new File([workbookOf(tableLines(rows))], 'rows.XLSX')), columns)).toEqual(rows)
  })

  it('are read from CSV, quoted and with what stands before a formula', async () => {
    expect(await cellsOf(new File(['ip,note\r\n"1 ""a"", b",\'=1'], 'rows.csv'))).toEqual([['ip', 'note'], ['1 "a", b', "'=1"]])
    expect(readTable(readCells("ip\n'=1"), columns)).toEqual([{ ip: '=1' }])
  })

  it('knows columns by name, other separators, and leaves out what the table does not have', () => {
    expect(readTable(readCells('\ufeffAddress;else\r\n10.0.0.1;x\r\n\r\n'), columns)).toEqual([{ ip: '10.0.0.1' }])
    expect(readTable(readCells('else\nx'), columns)).toBeNull()
  })
})
