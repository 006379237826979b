import { request, seg } from './http'
import type { InstallView, Page, PluginVersionView, PluginView } from './types'

export function listPlugins(query: { q?: string; tag?: string; cursor?: string | null }): Promise<Page<PluginView>> {
  return request('GET', '/plugins', { query: { ...query, limit: 60 } })
}

export function readPlugin(code: string): Promise<PluginView> {
  return request('GET', `/plugins/${seg(code)}`)
}

export function readPluginVersion(code: string, version: string): Promise<PluginVersionView> {
  return request('GET', `/plugins/${seg(code)}/versions/${seg(version)}`)
}

export function publishPlugin(archive: Blob): Promise<PluginVersionView> {
  return request('POST', '/plugins', { raw: { content: archive, type: 'application/zip' } })
}

export function listInstalls(project: string): Promise<Page<InstallView>> {
  return request('GET', `/projects/${seg(project)}/installs`, { query: { limit: 200 } })
}

export function installPlugin(
  project: string,
  body: { plugin: string; version: string; consent_scopes: string[] },
): Promise<InstallView> {
  return request('POST', `/projects/${seg(project)}/installs`, { body })
}

export function removeInstall(project: string, code: string): Promise<undefined> {
  return request('DELETE', `/projects/${seg(project)}/installs/${seg(code)}`)
}
