import { answer, api, given, refined } from './client'
import type { Page, PluginVersionView, PluginView, ScopeWords } from './types'

export function listPlugins(query: { q?: string; tag?: string; cursor?: string | null }): Promise<Page<PluginView>> {
  return answer(api.GET('/v1/plugins', { params: { query: { ...given(query), limit: 60 } } }))
}

export function readPlugin(code: string): Promise<PluginView> {
  return answer(api.GET('/v1/plugins/{code}', { params: { path: { code } } }))
}

export function readPluginVersion(code: string, version: string): Promise<PluginVersionView> {
  return refined<PluginVersionView>(api.GET('/v1/plugins/{code}/versions/{version}', { params: { path: { code, version } } }))
}

/** Publishes a plugin package, a zip archive. */
export function publishPlugin(archive: Blob): Promise<PluginVersionView> {
  return refined<PluginVersionView>(
    api.POST('/v1/plugins', {
      body: archive as unknown as string, // the document calls a binary body a string
      bodySerializer: (body) => body,
      headers: { 'Content-Type': 'application/zip' },
    }),
  )
}

/** What scopes let an app do, in words, in their order. */
export function describeScopes(scope: string[]): Promise<Page<ScopeWords>> {
  return answer(api.GET('/v1/catalogue/scopes', { params: { query: { scope } } }))
}
