/** Where to go after signing in: a path of this console, never another origin. */
export function safeRedirect(asked: unknown): string {
  if (typeof asked !== 'string' || !asked.startsWith('/')) return '/'
  return asked.startsWith('//') || asked.includes('\\') || asked.startsWith('/sign-in') ? '/' : asked
}
