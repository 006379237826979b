import { answer, api } from './client'
import type { FlowUse, LiveView, NamedSecret, Page, PutSecret, SecretOwner } from './types'

/** The named secrets of a system or project; nothing tells what they are. */
export function listSecrets({ kind, name }: SecretOwner): Promise<Page<NamedSecret>> {
  if (kind === 'project') return answer(api.GET('/v1/projects/{project}/secrets', { params: { path: { project: name } } }))
  return answer(api.GET('/v1/systems/{system}/secrets', { params: { path: { system: name } } }))
}

/** A system's is live once every gateway process serves it; a project's is read when a plugin needs it. */
export async function putSecret(owner: SecretOwner, name: string, body: PutSecret): Promise<Partial<LiveView>> {
  if (owner.kind === 'system') return answer(api.PUT('/v1/systems/{system}/secrets/{name}', { params: { path: { system: owner.name, name } }, body }))
  await answer(api.PUT('/v1/projects/{project}/secrets/{name}', { params: { path: { project: owner.name, name } }, body }))
  return {}
}

/** One that a stage uses is not removed. */
export async function removeSecret(owner: SecretOwner, name: string): Promise<void> {
  if (owner.kind === 'system') await answer(api.DELETE('/v1/systems/{system}/secrets/{name}', { params: { path: { system: owner.name, name } } }))
  else await answer(api.DELETE('/v1/projects/{project}/secrets/{name}', { params: { path: { project: owner.name, name } } }))
}

/** Drafts, revisions and common flows that use a secret of their project. */
export async function listSecretUses(project: string, name: string): Promise<FlowUse[]> {
  return (await answer(api.GET('/v1/projects/{project}/secrets/{name}/uses', { params: { path: { project, name } } }))).items
}
