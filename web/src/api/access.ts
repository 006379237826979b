import { request, seg } from './http'
import type {
  AppCreated,
  AppSecretCreated,
  AppSecretView,
  AppView,
  GrantApplication,
  GrantView,
  Page,
} from './types'

export function listApps(): Promise<Page<AppView>> {
  return request('GET', '/apps', { query: { limit: 200 } })
}

export function createApp(body: { app_code: string; name: string; description: string }): Promise<AppCreated> {
  return request('POST', '/apps', { body })
}

export function listSecrets(app: string): Promise<Page<AppSecretView>> {
  return request('GET', `/apps/${seg(app)}/secrets`)
}

export function createSecret(app: string): Promise<AppSecretCreated> {
  return request('POST', `/apps/${seg(app)}/secrets`)
}

export function deleteSecret(app: string, id: string): Promise<undefined> {
  return request('DELETE', `/apps/${seg(app)}/secrets/${seg(id)}`)
}

export function listGrants(query: { app_code?: string; system?: string; state?: string } = {}): Promise<Page<GrantView>> {
  return request('GET', '/grants', { query: { ...query, limit: 200 } })
}

export function applyForGrants(body: GrantApplication): Promise<Page<GrantView>> {
  return request('POST', '/grants', { body })
}

export type GrantDecision = 'approve' | 'refuse' | 'revoke'

export function decideGrant(id: string, decision: GrantDecision, body: { comment?: string; days?: number | null }): Promise<GrantView> {
  return request('POST', `/grants/${seg(id)}:${decision}`, { body })
}
