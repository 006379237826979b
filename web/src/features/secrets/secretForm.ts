import type { NamedSecret, PutSecret } from '@/api/types'

export type Source = PutSecret['source']

/** What each source asks for. */
export const SOURCES: Record<Source, string[]> = {
  stored: ['value'],
  environment: ['variable'],
  file: ['file'],
  vault: ['path', 'field'],
}

export interface SecretForm {
  name: string
  source: Source
  values: Record<string, string>
}

/** The form of a secret that is there, without its value; an empty one for a new one. */
export function formOf(secret: NamedSecret | null): SecretForm {
  const source = (secret?.source ?? 'stored') as Source
  return { name: secret?.name ?? '', source, values: { variable: 'TRUNKLINE_EXTERNAL_', ...secret?.reference } }
}

/** What is sent; a value as it was typed, the rest without blanks around it. */
export function bodyOf({ source, values }: SecretForm): PutSecret {
  const given = SOURCES[source].map((name) => [name, name === 'value' ? (values[name] ?? '') : (values[name] ?? '').trim()])
  return { source, ...Object.fromEntries(given) } as PutSecret
}

export function isComplete({ name, source, values }: SecretForm): boolean {
  return name.trim() !== '' && SOURCES[source].every((field) => (values[field] ?? '').trim() !== '')
}
