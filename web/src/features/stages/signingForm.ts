import type { SigningSettings, SigningView } from '@/api/types'

export type Profile = SigningSettings['profile']

interface Field {
  name: string
  secret?: true
  choices?: string[]
  usual?: string
  /** Left out when it is empty. */
  optional?: true
}

/** What each profile asks for. Secrets are never told; one that is left empty stays as it is kept. */
export const PROFILES: Record<Profile, Field[]> = {
  'http-message-signature': [],
  jwt: [{ name: 'issuer', usual: 'APIGW' }, { name: 'kid', choices: ['system', 'key'], usual: 'system' }, { name: 'shape', choices: ['address', 'gateway'], usual: 'address' }, { name: 'username', usual: '', optional: true }],
  'bk-hmac': [{ name: 'app_code' }, { name: 'app_secret', secret: true }],
  'bk-app': [{ name: 'app_code' }, { name: 'app_secret', secret: true }, { name: 'username', usual: '', optional: true }, { name: 'tenant_id', usual: '', optional: true }],
  basic: [{ name: 'username' }, { name: 'password', secret: true }],
  bearer: [{ name: 'token', secret: true }],
  'api-key': [{ name: 'location', choices: ['header', 'query'], usual: 'header' }, { name: 'name' }, { name: 'key', secret: true }],
  'oauth2-client-credentials': [
    { name: 'token_url' },
    { name: 'client_id' },
    { name: 'client_secret', secret: true },
    { name: 'scope', usual: '' },
    { name: 'authentication', choices: ['basic', 'body'], usual: 'basic' },
  ],
  none: [],
}

export interface SigningForm {
  profile: Profile
  values: Record<string, string>
  /** The named secret in place of one typed here; empty for none. */
  named: string
}

/** The values a profile starts with: what is kept, else what is usual. */
export function valuesOf(profile: Profile, kept: SigningView | null): Record<string, string> {
  const parameters = kept?.profile === profile ? kept.parameters : {}
  return Object.fromEntries(PROFILES[profile].map(({ name, usual, secret }) => [name, secret ? '' : (parameters[name] ?? usual ?? '')]))
}

/** The named secret that is used now, if one is. */
export function namedOf(profile: Profile, kept: SigningView | null): string {
  return kept?.profile === profile ? (kept.parameters.secret_name ?? '') : ''
}

/** What is sent. */
export function settingsOf({ profile, values, named }: SigningForm): SigningSettings {
  const isEmpty = (name: string) => (values[name] ?? '').trim() === ''
  const given = PROFILES[profile].filter(({ name, secret, optional }) => !((secret && (named !== '' || isEmpty(name))) || (optional && isEmpty(name))))
  const settings = Object.fromEntries(given.map(({ name, secret }) => [name, secret ? values[name] : (values[name] ?? '').trim()]))
  return { profile, ...settings, ...(named !== '' ? { secret_name: named } : {}) } as SigningSettings
}
