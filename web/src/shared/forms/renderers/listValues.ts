/** Typed texts as items of a list: numbers become numbers; what isn't one stays a text, for the server to take or to refuse. */
export function asItems(texts: string[], type: string | string[]): (string | number)[] {
  const types = [type].flat()
  if (!types.includes('number') && !types.includes('integer')) return texts
  return texts.map((text) => {
    const number = Number(text)
    return text.trim() === '' || Number.isNaN(number) ? text : number
  })
}
