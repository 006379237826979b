import { answer, api, given, refined } from './client'
import type { paths } from './schema'
import type { BuiltInNode, Page, PluginFacets, PluginVersionView, PluginView, PluginWish, ScopeWords, Submission } from './types'

type WishQuery = NonNullable<paths['/v1/plugins']['get']['parameters']['query']>

export function listPlugins(wish: PluginWish, cursor: string | null = null): Promise<Page<PluginView>> {
  return answer(api.GET('/v1/plugins', { params: { query: { ...(given(wish) as WishQuery), cursor, limit: 60 } } }))
}

/** How many plugins a wish finds, and how many of them have which property. */
export function countFacets(wish: PluginWish): Promise<PluginFacets> {
  return answer(api.GET('/v1/plugins:facets', { params: { query: given(wish) as WishQuery } }))
}

/** What flows do without a plugin, by words. */
export function listBuiltInNodes(q: string): Promise<Page<BuiltInNode>> {
  return refined<Page<BuiltInNode>>(api.GET('/v1/plugins:built-in', { params: { query: { q } } }))
}

export function readPlugin(code: string): Promise<PluginView> {
  return answer(api.GET('/v1/plugins/{code}', { params: { path: { code } } }))
}

export function readPluginVersion(code: string, version: string): Promise<PluginVersionView> {
  return refined<PluginVersionView>(api.GET('/v1/plugins/{code}/versions/{version}', { params: { path: { code, version } } }))
}

/** Publishes a plugin package, a zip archive; one that asks for more than the version before waits for approval. */
export function publishPlugin(archive: Blob): Promise<PluginVersionView | Submission> {
  return refined<PluginVersionView | Submission>(
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
