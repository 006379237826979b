import { answer, api, given } from './client'
import type { ApplicationView, DeputyView, GrantRules, GrantRulesChange, GrantView, ListedComponent, ListedSystem, Page, Verdict } from './types'

export type Side = 'applicant' | 'decider'
export interface ApplicationFilter { side: Side; state?: 'waiting' | 'asked' | 'decided'; cursor?: string | null }

export function listApplications(query: ApplicationFilter): Promise<Page<ApplicationView>> {
  return answer(api.GET('/v1/applications', { params: { query: given(query) } }))
}

export function readApplication(id: string): Promise<ApplicationView> {
  return answer(api.GET('/v1/applications/{application_id}', { params: { path: { application_id: id } } }))
}

/** Approves, refuses or asks back; of what is approved only `components`, when they are named. */
export function decideApplication(id: string, body: Verdict): Promise<ApplicationView> {
  return answer(api.POST('/v1/applications/{application_id}/decision', { params: { path: { application_id: id } }, body }))
}

export function answerApplication(id: string, text: string): Promise<ApplicationView> {
  return answer(api.POST('/v1/applications/{application_id}:answer', { params: { path: { application_id: id } }, body: { text } }))
}

export function withdrawApplication(id: string, text: string): Promise<ApplicationView> {
  return answer(api.POST('/v1/applications/{application_id}:withdraw', { params: { path: { application_id: id } }, body: { text } }))
}

/** Grants of one app on one system. */
export function renewGrants(ids: string[], reason: string, days: number | null): Promise<Page<GrantView>> {
  return answer(api.POST('/v1/grants:renew', { body: { grant_ids: ids, reason, days } }))
}

/** Approved grants that end before a moment. */
export function listEnding(before: Date): Promise<Page<GrantView>> {
  return answer(api.GET('/v1/grants', { params: { query: { state: 'approved', expires_before: before.toISOString(), limit: 500 } } }))
}

export function readGrantRules(system: string): Promise<GrantRules> {
  return answer(api.GET('/v1/systems/{system}/grant-rules', { params: { path: { system } } }))
}

/** What is left out stays. */
export function changeGrantRules(system: string, body: GrantRulesChange): Promise<GrantRules> {
  return answer(api.PATCH('/v1/systems/{system}/grant-rules', { params: { path: { system } }, body }))
}

export function listDeputies(system: string): Promise<Page<DeputyView>> {
  return answer(api.GET('/v1/systems/{system}/deputies', { params: { path: { system } } }))
}

/** Has a person decide in the owner's place, from now or from `starts_at` on. */
export function nameDeputy(system: string, username: string, body: { starts_at: string | null; ends_at: string }): Promise<DeputyView> {
  return answer(api.PUT('/v1/systems/{system}/deputies/{username}', { params: { path: { system, username } }, body }))
}

export async function dismissDeputy(system: string, username: string): Promise<void> {
  await answer(api.DELETE('/v1/systems/{system}/deputies/{username}', { params: { path: { system, username } } }))
}

export function listCatalogueSystems(): Promise<Page<ListedSystem>> {
  return answer(api.GET('/v1/catalogue/systems', { params: { query: { limit: 500 } } }))
}

export function searchComponents(query: { q: string; system: string; cursor: string | null }): Promise<Page<ListedComponent>> {
  const narrowed = given({ q: query.q, cursor: query.cursor, limit: 50 })
  if (query.system === '') return answer(api.GET('/v1/catalogue/components', { params: { query: narrowed } }))
  return answer(api.GET('/v1/catalogue/systems/{system}/components', { params: { path: { system: query.system }, query: narrowed } }))
}
