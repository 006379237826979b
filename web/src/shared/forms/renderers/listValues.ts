/** Typed texts as items of a list: numbers become numbers; what isn't one is left for the server to refuse. */
export function asItems(texts: string[], type: string): (string | number)[] {
  if (type !== 'number' && type !== 'integer') return texts
  return texts.map((text) => {
    const number = Number(text)
    return text.trim() === '' || Number.isNaN(number) ? text : number
  })
}
