import type { ExplanationView } from '@/api/types'

type Translate = (key: string, values: Record<string, string>) => string

/** Why something is denied: a missing role in the reader's language, rarer reasons as the server tells them. */
export function denialText({ reason, text, on, roles, ask }: ExplanationView, t: Translate): string {
  if (reason !== 'role_missing' || on === null) return text
  const [kind = '', name = ''] = on.split(':')
  const values = { roles: roles.map((role) => t(`shared.access.role.${role}`, {})).join(' / '), where: t(`shared.access.on.${kind}`, { name }), people: ask.join(', ') }
  return t(ask.length > 0 ? 'shared.access.missing' : 'shared.access.missingAdmin', values)
}
