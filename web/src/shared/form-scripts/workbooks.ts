import { strToU8, unzipSync, zipSync } from 'fflate'
import { readSheet } from 'read-excel-file/universal'

export const WORKBOOK = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
const MAX_UNPACKED = 50 * 1024 * 1024
const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006'
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
const TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml'
// What XML can't say at all.
// eslint-disable-next-line no-control-regex
const UNSAYABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g

/** The texts of the cells of a workbook's first sheet, line by line. Rejects what is none. */
export async function readWorkbook(file: Blob): Promise<string[][]> {
  // Unpacked here and stored as it is: for larger sheets the reader would begin a worker from a text, which the content security policy forbids.
  const plain = zipSync(unpacked(new Uint8Array(await file.arrayBuffer())), { level: 0 })
  const lines: unknown[][] = await readSheet(new Blob([new Uint8Array(plain)]), { trim: false })
  return lines.map((cells) => cells.map(spoken)).filter((cells) => cells.some((one) => one !== ''))
}

/** A workbook of one sheet. Every text stays a text: none is taken for a formula. */
export function workbookOf(lines: unknown[][]): Blob {
  const rows = lines.map((cells, row) => `<row r="${row + 1}">${cells.map((value, column) => cell(value, `${letters(column)}${row + 1}`)).join('')}</row>`)
  const parts = {
    '[Content_Types].xml': `<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="${TYPE}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${TYPE}.worksheet+xml"/></Types>`,
    '_rels/.rels': relation('officeDocument', 'xl/workbook.xml'),
    'xl/workbook.xml': `<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': relation('worksheet', 'worksheets/sheet1.xml'),
    'xl/worksheets/sheet1.xml': `<worksheet xmlns="${MAIN}"><sheetData>${rows.join('')}</sheetData></worksheet>`,
  }
  const files = Object.fromEntries(Object.entries(parts).map(([name, text]) => [name, strToU8(HEAD + text)]))
  return new Blob([new Uint8Array(zipSync(files))], { type: WORKBOOK })
}

function unpacked(bytes: Uint8Array): Record<string, Uint8Array> {
  let size = 0
  return unzipSync(bytes, {
    filter: ({ originalSize }) => {
      size += originalSize
      if (size > MAX_UNPACKED) throw new Error('the workbook is too large')
      return true
    },
  })
}

/** A day, and its time where there is one: cells know no zone. */
function spoken(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (!(value instanceof Date)) return String(value)
  const [day = '', time = ''] = value.toISOString().split(/[T.]/)
  return time === '00:00:00' ? day : `${day} ${time}`
}

function relation(type: string, target: string): string {
  return `<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${OFFICE}/${type}" Target="${target}"/></Relationships>`
}

function letters(column: number): string {
  return (column >= 26 ? letters(Math.floor(column / 26) - 1) : '') + String.fromCharCode(65 + (column % 26))
}

function cell(value: unknown, place: string): string {
  if (value === null || value === undefined || value === '') return ''
  if (typeof value === 'number' && Number.isFinite(value)) return `<c r="${place}"><v>${value}</v></c>`
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  const safe = text.replace(UNSAYABLE, '').replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  return `<c r="${place}" t="inlineStr"><is><t xml:space="preserve">${safe}</t></is></c>`
}
