/** What of a form's headers is sent with a file, by the names that may be, and the names of the rest. */
export function partedHeaders(headers: Record<string, string>, allowed: unknown): { kept: Record<string, string>; left: string[] } {
  const known = new Set((Array.isArray(allowed) ? allowed : []).map((name) => String(name).toLowerCase()))
  const [kept, left] = [new Map<string, string>(), [] as string[]]
  Object.entries(headers).forEach(([name, value]) => (known.has(name.toLowerCase()) ? kept.set(name, value) : left.push(name)))
  return { kept: Object.fromEntries(kept), left }
}
