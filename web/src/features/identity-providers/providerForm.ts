import type { IdentityProviderView, ProviderInput, RoleRule } from '@/api/types'

export interface RuleForm {
  claim: string
  value: string
  role: RoleRule['role']
  /** Empty for a role on the platform. */
  project: string
}

export interface ProviderForm {
  name: string
  title: string
  issuer: string
  client_id: string
  /** What is typed; what is kept is never shown. */
  secret: string
  forgetSecret: boolean
  scopes: string
  username_claim: string
  creates_users: boolean
  is_enabled: boolean
  rules: RuleForm[]
}

export const PLATFORM_ROLES: RoleRule['role'][] = ['admin', 'registrar', 'publisher', 'reviewer', 'auditor']
export const PROJECT_ROLES: RoleRule['role'][] = ['owner', 'maintainer', 'developer', 'operator', 'viewer', 'auditor']

export function formOf(provider: IdentityProviderView | null): ProviderForm {
  return {
    name: provider?.name ?? '',
    title: provider?.title ?? '',
    issuer: provider?.issuer ?? '',
    client_id: provider?.client_id ?? '',
    secret: '',
    forgetSecret: false,
    scopes: (provider?.scopes ?? ['openid', 'profile', 'email']).join(' '),
    username_claim: provider?.username_claim ?? 'preferred_username',
    creates_users: provider?.creates_users ?? true,
    is_enabled: provider?.is_enabled ?? true,
    rules: (provider?.role_rules ?? []).map((rule) => ({ ...rule, project: rule.project ?? '' })),
  }
}

/** A secret that is left out stays; null makes the provider's client a public one. */
export function bodyOf(form: ProviderForm): ProviderInput {
  const { title, issuer, client_id, username_claim, creates_users, is_enabled } = form
  const secret = form.secret === '' ? (form.forgetSecret ? { client_secret: null } : {}) : { client_secret: form.secret }
  return {
    title, issuer, client_id, username_claim, creates_users, is_enabled, ...secret,
    scopes: form.scopes.split(/\s+/).filter((scope) => scope !== ''),
    role_rules: form.rules.map((rule) => ({ ...rule, project: rule.project === '' ? null : rule.project })),
  }
}
