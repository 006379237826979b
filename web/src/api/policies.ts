import { answer, api, refined } from './client'
import type { LiveView, Page, PoliciesView, Policy, PolicyKind } from './types'

/** Where policies stand that are laid down by themselves; those of a component are part of its definition. */
export type PolicyPlace = { level: 'system'; system: string } | { level: 'stage'; system: string; stage: string } | { level: 'app'; app: string }

/** In the order in which a call meets them. */
export function listPolicyKinds(): Promise<Page<PolicyKind>> {
  return refined<Page<PolicyKind>>(api.GET('/v1/policy-kinds'))
}

export function readPolicies(place: PolicyPlace): Promise<PoliciesView> {
  if (place.level === 'system') return refined<PoliciesView>(api.GET('/v1/systems/{system}/policies', { params: { path: place } }))
  if (place.level === 'stage') return refined<PoliciesView>(api.GET('/v1/systems/{system}/stages/{stage}/policies', { params: { path: place } }))
  return refined<PoliciesView>(api.GET('/v1/apps/{app_code}/policies', { params: { path: { app_code: place.app } } }))
}

/** Replaces what stands at the place; refused when somebody else changed it since `version`. */
export function putPolicies(place: PolicyPlace, policies: Policy[], version: number): Promise<LiveView> {
  const body = { policies, version }
  if (place.level === 'system') return answer(api.PUT('/v1/systems/{system}/policies', { params: { path: place }, body }))
  if (place.level === 'stage') return answer(api.PUT('/v1/systems/{system}/stages/{stage}/policies', { params: { path: place }, body }))
  return answer(api.PUT('/v1/apps/{app_code}/policies', { params: { path: { app_code: place.app } }, body }))
}

/** Query key of what stands at a place. */
export function policiesKey(place: PolicyPlace): string[] {
  return ['policies', ...Object.values(place)]
}
