/** What a node's error says, whether it came as a text or as a document. */
export function errorText(error: unknown): string {
  if (error === null || error === undefined) return ''
  if (typeof error === 'string') return error
  if (typeof error === 'object') {
    const { message, detail } = error as { message?: unknown; detail?: unknown }
    if (typeof message === 'string' && message !== '') return message
    if (typeof detail === 'string' && detail !== '') return detail
  }
  return JSON.stringify(error, null, 2)
}
