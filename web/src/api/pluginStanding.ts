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

/** What holds for the versions that are installed in a project. */
export function listProjectAdvisories(project: string): Promise<Page<InstallWarning>> {
  return answer(api.GET('/v1/projects/{project}/advisories', { params: { path: { project } } }))
}
