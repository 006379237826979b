import { answer, api } from './client'
import type { Advisory, Deprecation, InstallWarning, NewAdvisory, Page } from './types'

/** Has nobody install a version any more, and tells why. */
export async function yankVersion(code: string, version: string, message: string): Promise<void> {
  await answer(api.PUT('/v1/plugins/{code}/versions/{version}/yank', { params: { path: { code, version } }, body: { message } }))
}

/** Offers a yanked version again. */
export async function unyankVersion(code: string, version: string): Promise<void> {
  await answer(api.DELETE('/v1/plugins/{code}/versions/{version}/yank', { params: { path: { code, version } } }))
}

export async function deprecatePlugin(code: string, body: Deprecation): Promise<void> {
  await answer(api.PUT('/v1/plugins/{code}/deprecation', { params: { path: { code } }, body }))
}

/** Takes a deprecation back. */
export async function undeprecatePlugin(code: string): Promise<void> {
  await answer(api.DELETE('/v1/plugins/{code}/deprecation', { params: { path: { code } } }))
}

export function publishAdvisory(code: string, body: NewAdvisory): Promise<Advisory> {
  return answer(api.POST('/v1/plugins/{code}/advisories', { params: { path: { code } }, body }))
}

/** Puts a version into a channel. */
export async function moveVersion(code: string, version: string, channel: string): Promise<void> {
  await answer(api.PUT('/v1/plugins/{code}/versions/{version}/channel', { params: { path: { code, version } }, body: { channel } }))
}

/** The newest of a plugin, withdrawn ones too. */
export function listAdvisories(code: string): Promise<Page<Advisory>> {
  return answer(api.GET('/v1/advisories', { params: { query: { plugin: code, limit: 100 } } }))
}

export function changeAdvisory(advisory: string, body: NewAdvisory): Promise<Advisory> {
  return answer(api.PUT('/v1/advisories/{advisory}', { params: { path: { advisory } }, body }))
}

/** It stays on record, with the reason. */
export function withdrawAdvisory(advisory: string, reason: string): Promise<Advisory> {
  return answer(api.POST('/v1/advisories/{advisory}:withdraw', { params: { path: { advisory } }, body: { reason } }))
}

/** What holds for the versions that are installed in a project. */
export function listProjectAdvisories(project: string): Promise<Page<InstallWarning>> {
  return answer(api.GET('/v1/projects/{project}/advisories', { params: { path: { project } } }))
}
