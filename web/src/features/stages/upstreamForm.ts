import type { Balance, UpstreamSettings, UpstreamView } from '@/api/types'

/** What the form of an upstream holds; parts that are switched off keep what was typed into them. */
export interface UpstreamForm {
  name: string
  balance: Balance
  hashOn: 'app' | 'user' | 'address' | 'header'
  hashHeader: string
  targets: { url: string; weight: number }[]
  connect_timeout: number
  timeout: number
  total_timeout: number | undefined
  active: boolean
  check: { path: string; interval: number; timeout: number; statuses: string[]; healthy_after: number; unhealthy_after: number }
  passive: boolean
  eject: { failures: number; eject_seconds: number }
  tls: boolean
  certificates: { authority: string; certificate: string; private_key: string; secret_name: string; server_name: string }
  hasPrivateKey: boolean
}

const HEADER = 'header:'

/** The form for an upstream that is there, or for a new one. */
export function formOf(view: UpstreamView | null): UpstreamForm {
  const active = view?.health.active ?? null
  const passive = view?.health.passive ?? null
  const tls = view?.tls ?? null
  const hash = view?.hash_on ?? 'address'
  return {
    name: view?.name ?? '',
    balance: view?.balance ?? 'round-robin',
    hashOn: hash.startsWith(HEADER) ? 'header' : (hash as UpstreamForm['hashOn']),
    hashHeader: hash.startsWith(HEADER) ? hash.slice(HEADER.length) : '',
    targets: view?.targets.map(({ url, weight }) => ({ url, weight })) ?? [{ url: '', weight: 1 }],
    connect_timeout: view?.connect_timeout ?? 5,
    timeout: view?.timeout ?? 30,
    total_timeout: view?.total_timeout ?? undefined,
    active: active !== null,
    check: {
      path: active?.path ?? '/',
      interval: active?.interval ?? 10,
      timeout: active?.timeout ?? 2,
      statuses: (active?.statuses ?? []).map(String),
      healthy_after: active?.healthy_after ?? 2,
      unhealthy_after: active?.unhealthy_after ?? 3,
    },
    passive: passive !== null,
    eject: { failures: passive?.failures ?? 5, eject_seconds: passive?.eject_seconds ?? 30 },
    tls: tls !== null,
    certificates: { authority: tls?.authority ?? '', certificate: tls?.certificate ?? '', private_key: '', secret_name: tls?.secret_name ?? '', server_name: tls?.server_name ?? '' },
    hasPrivateKey: tls?.has_private_key === true && tls.secret_name == null,
  }
}

function keyOf({ private_key, secret_name }: UpstreamForm['certificates']): { private_key?: string; secret_name?: string } {
  if (secret_name !== '') return { secret_name }
  return private_key === '' ? {} : { private_key }
}

/** What is sent. A private key that wasn't typed is left out: the one that is kept stays. */
export function settingsOf(form: UpstreamForm): UpstreamSettings {
  const { check, certificates } = form
  return {
    balance: form.balance,
    hash_on: form.hashOn === 'header' ? HEADER + form.hashHeader.trim().toLowerCase() : form.hashOn,
    targets: form.targets.map(({ url, weight }) => ({ url: url.trim(), weight })),
    connect_timeout: form.connect_timeout,
    timeout: form.timeout,
    total_timeout: form.total_timeout ?? null,
    health: {
      active: form.active ? { ...check, statuses: check.statuses.length > 0 ? check.statuses.map(Number) : null } : null,
      passive: form.passive ? { ...form.eject } : null,
    },
    tls: form.tls
      ? {
          authority: certificates.authority,
          certificate: certificates.certificate,
          server_name: certificates.server_name.trim() === '' ? null : certificates.server_name.trim(),
          ...keyOf(certificates),
        }
      : null,
  }
}
