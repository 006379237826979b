/** Typed texts as items of a list: numbers become numbers; what isn't one stays a text, for the server to take or to refuse. */
export function asItems(texts: string[], type: string | string[]): (string | number)[] {
  const types = [type].flat()
  if (!types.includes('number') && !types.includes('integer')) return texts
  return texts.map((text) => {
    const number = Number(text)
    return text.trim() === '' || Number.isNaN(number) ? text : number
  })
}

/** The lines of a list with one of them at another place. */
export function withRowMoved(rows: unknown[], from: number, to: number): unknown[] {
  const left = rows.filter((_row, index) => index !== from)
  return [...left.slice(0, to), rows[from], ...left.slice(to)]
}

/** The names in a text that has commas, semicolons or spaces between; a reference such as `${inputs.people}` is one. */
export function asNames(value: unknown): string[] {
  return typeof value === 'string' ? (value.match(/(?:\$\{[^{}]*\}|[^,;\s])+/g) ?? []) : []
}
