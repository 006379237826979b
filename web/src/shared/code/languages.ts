import type { StreamParser } from '@codemirror/language'

type Mode = StreamParser<unknown>

/** Languages whose words are coloured, by the names that forms have for them; each is loaded when it is wanted. */
const MODES: Record<string, () => Promise<Mode>> = {
  dockerfile: async () => (await import('@codemirror/legacy-modes/mode/dockerfile')).dockerFile,
  go: async () => (await import('@codemirror/legacy-modes/mode/go')).go,
  javascript: async () => (await import('@codemirror/legacy-modes/mode/javascript')).javascript,
  json: async () => (await import('@codemirror/legacy-modes/mode/javascript')).json,
  lua: async () => (await import('@codemirror/legacy-modes/mode/lua')).lua,
  perl: async () => (await import('@codemirror/legacy-modes/mode/perl')).perl,
  powershell: async () => (await import('@codemirror/legacy-modes/mode/powershell')).powerShell,
  properties: async () => (await import('@codemirror/legacy-modes/mode/properties')).properties,
  python: async () => (await import('@codemirror/legacy-modes/mode/python')).python,
  ruby: async () => (await import('@codemirror/legacy-modes/mode/ruby')).ruby,
  shell: async () => (await import('@codemirror/legacy-modes/mode/shell')).shell,
  sql: async () => (await import('@codemirror/legacy-modes/mode/sql')).standardSQL,
  typescript: async () => (await import('@codemirror/legacy-modes/mode/javascript')).typescript,
  xml: async () => (await import('@codemirror/legacy-modes/mode/xml')).xml,
  yaml: async () => (await import('@codemirror/legacy-modes/mode/yaml')).yaml,
}
const OTHER_NAMES: Record<string, string> = { bash: 'shell', golang: 'go', html: 'xml', ini: 'properties', js: 'javascript', mysql: 'sql', py: 'python', sh: 'shell', ts: 'typescript', yml: 'yaml' }

export const LANGUAGES: readonly string[] = Object.keys(MODES)

/** The language by the name a form has for it; empty where none of that name is coloured. */
export function languageNamed(name: unknown): string {
  const written = String(name ?? '').trim().toLowerCase()
  const known = Object.hasOwn(OTHER_NAMES, written) ? String(OTHER_NAMES[written]) : written
  return Object.hasOwn(MODES, known) ? known : ''
}

/** The language of a script by its first line, `#!/usr/bin/env python3`; empty where that names none. */
export function languageOfScript(text: string): string {
  const program = /^#!\s*(?:\S*\/env\s+)?(?:\S*\/)?([a-z]+)/.exec(text)?.[1] ?? ''
  return program === 'node' ? 'javascript' : languageNamed(program)
}

/** What colours a language; null for one that isn't coloured. */
export async function modeOf(language: string): Promise<Mode | null> {
  return Object.hasOwn(MODES, language) ? ((await MODES[language]?.()) ?? null) : null
}
