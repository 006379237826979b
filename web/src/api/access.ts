import { answer, api, given } from './client'
import type {
  AppChange,
  AppCreated,
  AppSecretCreated,
  AppSecretView,
  AppView,
  DecidedGrant,
  GrantApplication,
  GrantState,
  GrantView,
  LiveView,
  OAuthChange,
  OAuthSettings,
  Page,
} from './types'

const MANY = 500

export function listApps(): Promise<Page<AppView>> {
  return answer(api.GET('/v1/apps', { params: { query: { limit: MANY } } }))
}

export function createApp(body: { app_code: string; name: string; description: string; may_sign?: boolean }): Promise<AppCreated> {
  return answer(api.POST('/v1/apps', { body }))
}

/** What is left out stays. */
export function changeApp(app: string, body: AppChange): Promise<LiveView> {
  return answer(api.PATCH('/v1/apps/{app_code}', { params: { path: { app_code: app } }, body }))
}

export function readOAuthSettings(app: string): Promise<OAuthSettings> {
  return answer(api.GET('/v1/apps/{app_code}/oauth', { params: { path: { app_code: app } } }))
}

/** As a whole: what is left out gets its usual value. */
export function putOAuthSettings(app: string, body: OAuthChange): Promise<OAuthSettings> {
  return answer(api.PUT('/v1/apps/{app_code}/oauth', { params: { path: { app_code: app } }, body }))
}

export function listSecrets(app: string): Promise<Page<AppSecretView>> {
  return answer(api.GET('/v1/apps/{app_code}/secrets', { params: { path: { app_code: app } } }))
}

export function createSecret(app: string): Promise<AppSecretCreated> {
  return answer(api.POST('/v1/apps/{app_code}/secrets', { params: { path: { app_code: app } } }))
}

export async function deleteSecret(app: string, id: string): Promise<void> {
  const path = { app_code: app, secret_id: id }
  await answer(api.DELETE('/v1/apps/{app_code}/secrets/{secret_id}', { params: { path } }))
}

export function listGrants(query: { app_code?: string; system?: string; state?: GrantState | '' } = {}): Promise<Page<GrantView>> {
  return answer(api.GET('/v1/grants', { params: { query: { ...given(query), limit: MANY } } }))
}

export function applyForGrants(body: GrantApplication): Promise<Page<GrantView>> {
  return answer(api.POST('/v1/grants', { body }))
}

export type GrantDecision = 'approve' | 'refuse' | 'revoke'

export function decideGrant(id: string, decision: GrantDecision, comment: string): Promise<DecidedGrant> {
  const options = { params: { path: { grant_id: id } }, body: { comment } }
  const calls = {
    approve: () => api.POST('/v1/grants/{grant_id}:approve', options),
    refuse: () => api.POST('/v1/grants/{grant_id}:refuse', options),
    revoke: () => api.POST('/v1/grants/{grant_id}:revoke', options),
  }
  return answer(calls[decision]())
}
