/** A body as people read it: JSON with its lines broken, anything else as it came. */
export function readable({ text, is_base64 }: { text: string; is_base64: boolean }): string {
  if (is_base64 || !/^\s*[[{]/.test(text)) return text
  // Numbers beyond 2^53 must be shown as they came.
  if (/[:[,\s]-?\d{16,}/.test(text)) return text
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
