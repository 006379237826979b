/** Values to try a template with: for each name that it needs an example, nested as the name says (`host.name`). */
export function exampleValues(names: string[]): Record<string, unknown> {
  const values: Record<string, unknown> = {}
  for (const name of names) {
    const path = name.split('.')
    let place = values
    for (const step of path.slice(0, -1)) {
      if (typeof place[step] !== 'object' || place[step] === null) place[step] = {}
      place = place[step] as Record<string, unknown>
    }
    place[path.at(-1) ?? name] = `[${path.at(-1) ?? name}]`
  }
  return values
}

const REFERENCE = /(?<!\$)\$\{([A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_][A-Za-z0-9_-]*)*)\}/g

/** The names in texts, for a first set of values; the server says what is missing. */
export function namesIn(...texts: string[]): string[] {
  return [...new Set(texts.flatMap((text) => [...text.matchAll(REFERENCE)].map(([, name]) => name ?? '')))].sort()
}
