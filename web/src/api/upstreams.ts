import { answer, api, refined } from './client'
import type { LiveView, Page, ServerView, UpstreamSettings, UpstreamView } from './types'

export function listUpstreams(system: string, stage: string): Promise<Page<UpstreamView>> {
  return refined<Page<UpstreamView>>(api.GET('/v1/systems/{system}/stages/{stage}/upstreams', { params: { path: { system, stage } } }))
}

/** Servers of upstreams that have several, as the gateway process that answers sees them. */
export function listServers(system: string, stage: string): Promise<Page<ServerView>> {
  return answer(api.GET('/v1/systems/{system}/stages/{stage}/upstreams:servers', { params: { path: { system, stage } } }))
}

/** Makes the upstream, or replaces all of its settings. */
export function putUpstream(system: string, stage: string, upstream: string, body: UpstreamSettings): Promise<LiveView> {
  return answer(api.PUT('/v1/systems/{system}/stages/{stage}/upstreams/{upstream}', { params: { path: { system, stage, upstream } }, body }))
}

export function removeUpstream(system: string, stage: string, upstream: string): Promise<LiveView> {
  return answer(api.DELETE('/v1/systems/{system}/stages/{stage}/upstreams/{upstream}', { params: { path: { system, stage, upstream } } }))
}
