import { answer, api } from './client'
import type { Compatibility, LiveView, Page, RelatedApp, TrustedGateway } from './types'

/** Old habits of BlueKing's clients that a system goes along with. */
export function readCompatibility(system: string): Promise<Compatibility> {
  return answer(api.GET('/v1/systems/{system}/compatibility', { params: { path: { system } } }))
}
export function putCompatibility(system: string, body: Compatibility): Promise<LiveView> {
  return answer(api.PUT('/v1/systems/{system}/compatibility', { params: { path: { system } }, body }))
}

/** Apps that may do with a system what its owner may. */
export function listRelatedApps(system: string): Promise<Page<RelatedApp>> {
  return answer(api.GET('/v1/systems/{system}/related-apps', { params: { path: { system } } }))
}
export async function relateApp(system: string, app: string): Promise<void> {
  await answer(api.PUT('/v1/systems/{system}/related-apps/{app_code}', { params: { path: { system, app_code: app } } }))
}
export async function unrelateApp(system: string, app: string): Promise<void> {
  await answer(api.DELETE('/v1/systems/{system}/related-apps/{app_code}', { params: { path: { system, app_code: app } } }))
}

/** Gateways whose word about app and user is believed. */
export function listTrustedGateways(): Promise<Page<TrustedGateway>> {
  return answer(api.GET('/v1/trusted-gateways'))
}
export function putTrustedGateway(kid: string, body: { title: string; public_key: string }): Promise<LiveView> {
  return answer(api.PUT('/v1/trusted-gateways/{kid}', { params: { path: { kid } }, body }))
}
export function removeTrustedGateway(kid: string): Promise<LiveView> {
  return answer(api.DELETE('/v1/trusted-gateways/{kid}', { params: { path: { kid } } }))
}
