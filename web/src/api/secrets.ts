import { answer, api } from './client'
import type { LiveView, NamedSecret, Page, PutSecret } from './types'

/** A system's named secrets; nothing tells what they are. */
export function listSecrets(system: string): Promise<Page<NamedSecret>> {
  return answer(api.GET('/v1/systems/{system}/secrets', { params: { path: { system } } }))
}

export function putSecret(system: string, name: string, body: PutSecret): Promise<LiveView> {
  return answer(api.PUT('/v1/systems/{system}/secrets/{name}', { params: { path: { system, name } }, body }))
}

/** One that a stage uses is not removed. */
export async function removeSecret(system: string, name: string): Promise<void> {
  await answer(api.DELETE('/v1/systems/{system}/secrets/{name}', { params: { path: { system, name } } }))
}
