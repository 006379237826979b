import { describe, expect, it } from 'vitest'
import { readTable, tableText } from './tableFiles'

const columns = [{ code: 'ip', name: 'Address' }, { code: 'note', name: 'Note' }]

describe('tables as files', () => {
  it('comes back as it was saved', () => {
    const rows = [{ ip: '10.0.0.1', note: 'a "b", c\nd' }, { ip: '=1+1', note: '' }]
    expect(readTable(tableText(rows), columns)).toEqual(rows)
  })

  it('saves no formula', () => {
    expect(tableText([{ ip: '=cmd()' }])).toBe("ip\r\n'=cmd()")
  })

  it('knows columns by name, other separators, and leaves out what the table does not have', () => {
    expect(readTable('\ufeffAddress;else\r\n10.0.0.1;x\r\n\r\n', columns)).toEqual([{ ip: '10.0.0.1' }])
    expect(readTable('else\nx', columns)).toBeNull()
  })
})
