import type { JsonObject } from '@/api/types'

export const MAX_ROWS = 2000
const FORMULA = /^[=+\-@\t\r]/

/** Columns of a table by the names they have in files. */
export interface Column {
  code: string
  name: string
}

function cellText(value: unknown): string {
  const text = typeof value === 'string' ? value : value === undefined || value === null ? '' : JSON.stringify(value)
  // No cell is taken for a formula by whatever opens the file.
  const safe = FORMULA.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** Rows as CSV, with the columns' codes in the first line. */
export function tableText(rows: unknown): string {
  const lines = (Array.isArray(rows) ? rows : []).filter((row): row is JsonObject => typeof row === 'object' && row !== null)
  const codes = [...new Set(lines.flatMap((row) => Object.keys(row)))]
  return [codes, ...lines.map((row) => codes.map((code) => row[code]))].map((cells) => cells.map(cellText).join(',')).join('\r\n')
}

/** Gives rows to the person as a file that spreadsheets open. */
export function saveTable(name: string, rows: unknown): void {
  const address = URL.createObjectURL(new Blob(['\ufeff', tableText(rows)], { type: 'text/csv' }))
  const link = document.createElement('a')
  link.href = address
  link.download = `${name}.csv`
  link.click()
  URL.revokeObjectURL(address)
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
export function readTable(text: string, columns: Column[]): JsonObject[] | null {
  const [head, ...lines] = readCells(text)
  const codes = (head ?? []).map((title) => columns.find(({ code, name }) => code === title.trim() || name === title.trim())?.code)
  if (codes.every((code) => code === undefined)) return null
  return lines.map((cells) => Object.fromEntries(cells.flatMap((cell, index) => (codes[index] === undefined ? [] : [[codes[index], cell.replace(/^'(?=[=+\-@])/, '')]]))))
}
