type Messages = Record<string, unknown>

const files = import.meta.glob<Messages>(
  ['./locales/*.json', '../shared/locales/*.json', '../features/*/locales/*.json'],
  { eager: true, import: 'default' },
)

/** The folder that owns a locale file names its messages: `features/tasks/locales/en.json` is `tasks.…`. */
export function namespaceOf(path: string): string {
  const folders = path.split('/')
  const owner = folders[folders.length - 3] ?? ''
  const name = owner === '.' || owner === '' ? 'app' : owner
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

/** All messages of one language, by namespace. */
export function messagesOf(language: string): Record<string, Messages> {
  const entries = Object.entries(files).filter(([path]) => path.endsWith(`/${language}.json`))
  return Object.fromEntries(entries.map(([path, messages]) => [namespaceOf(path), messages]))
}
