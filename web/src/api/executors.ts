import { answer, api, given } from './client'
import type { ExecutorConsent, ExecutorRequest, ProjectExecutor } from './types'

/** What names the person who is signed in as executor. */
export async function listExecutorRequests(): Promise<ExecutorRequest[]> {
  return (await answer(api.GET('/v1/executor-requests'))).items
}

/** What the person has let flows and projects do in his name. */
export async function listExecutorConsents(): Promise<ExecutorConsent[]> {
  return (await answer(api.GET('/v1/executor-consents'))).items
}

export interface ConsentWish {
  project: string
  flow?: string
  revision?: number
  scopes: string[]
  days: number
}

/** Replaces what the person has consented to there before. */
export function giveExecutorConsent({ scopes, days, ...place }: ConsentWish): Promise<ExecutorConsent> {
  return answer(api.POST('/v1/executor-consents', { body: { ...given(place), project: place.project, scopes, days } }))
}

export async function revokeExecutorConsent(consent: string): Promise<void> {
  await answer(api.DELETE('/v1/executor-consents/{consent}', { params: { path: { consent } } }))
}

export function readProjectExecutor(project: string): Promise<ProjectExecutor> {
  return answer(api.GET('/v1/projects/{project}/executor', { params: { path: { project } } }))
}

/** An empty name is whoever launches. */
export function nameProjectExecutor(project: string, username: string): Promise<ProjectExecutor> {
  return answer(api.PUT('/v1/projects/{project}/executor', { params: { path: { project } }, body: { username } }))
}
