import type { JsonObject } from '@/api/types'
import { saveFile } from '@/shared/forms/saveFile'

export const MAX_ROWS = 2000

/** Columns of a table by the names they have in files. */
export interface Column {
  code: string
  name: string
}

/** Rows as lines of cells, with the columns' codes in the first. */
export function tableLines(rows: unknown): unknown[][] {
  const lines = (Array.isArray(rows) ? rows : []).filter((row): row is JsonObject => typeof row === 'object' && row !== null)
  const codes = [...new Set(lines.flatMap((row) => Object.keys(row)))]
  return [codes, ...lines.map((row) => codes.map((code) => row[code]))]
}

/** Gives rows to the person as a workbook. */
export async function saveTable(name: string, rows: unknown): Promise<void> {
  const { workbookOf } = await import('./workbooks')
  saveFile(`${name}.xlsx`, workbookOf(tableLines(rows)))
}

/** The cells of CSV or of a workbook's first sheet. Rejects a workbook that is none. */
export async function cellsOf(file: File): Promise<string[][]> {
  if (!/\.xlsx$/i.test(file.name)) return readCells(await file.text())
  return (await import('./workbooks')).readWorkbook(file)
}

/** The cells of CSV, line by line; a separator is a comma, a semicolon or a tab, whichever the first line has. */
export function readCells(text: string): string[][] {
  const plain = text.replace(/^\ufeff/, '')
  const first = plain.split(/\r?\n/, 1)[0] ?? ''
  const separator = [',', ';', '\t'].reduce((best, one) => (first.split(one).length > first.split(best).length ? one : best), ',')
  const lines: string[][] = [[]]
  let cell = ''
  let quoted = false
  const endCell = (): void => { lines.at(-1)?.push(cell); cell = '' }
  for (let index = 0; index < plain.length; index += 1) {
    const sign = plain[index] ?? ''
    if (quoted) {
      if (sign !== '"') cell += sign
      else if (plain[index + 1] === '"') { cell += '"'; index += 1 } else quoted = false
    } else if (sign === '"' && cell === '') quoted = true
    else if (sign === separator) endCell()
    else if (sign === '\n') { endCell(); lines.push([]) } else if (sign !== '\r') cell += sign
  }
  endCell()
  return lines.filter((cells) => cells.some((one) => one !== ''))
}

/** The rows of a file whose first line names columns by code or by name; null where it names none. */
export function readTable([head, ...lines]: string[][], columns: Column[]): JsonObject[] | null {
  const codes = (head ?? []).map((title) => columns.find(({ code, name }) => code === title.trim() || name === title.trim())?.code)
  if (codes.every((code) => code === undefined)) return null
  return lines.map((cells) => Object.fromEntries(cells.flatMap((cell, index) => (codes[index] === undefined ? [] : [[codes[index], cell.replace(/^'(?=[=+\-@])/, '')]]))))
}
