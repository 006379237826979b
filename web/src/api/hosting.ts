import { answer, api } from './client'
import type { HostedPluginView, HostingView, LiveView, Page } from './types'

type Order = 'start' | 'stop' | 'restart'

export function listHostedPlugins(): Promise<Page<HostedPluginView>> {
  return answer(api.GET('/v1/hosted-plugins'))
}

/** What keeps plugins apart from the machine of the server. */
export function readHosting(): Promise<HostingView> {
  return answer(api.GET('/v1/plugin-hosting'))
}

export async function readHostedLog(code: string, version: string): Promise<string[]> {
  const { lines } = await answer(
    api.GET('/v1/hosted-plugins/{code}/versions/{version}/log', { params: { path: { code, version }, query: { lines: 500 } } }),
  )
  return lines
}

export function orderHostedPlugin({ plugin, version }: HostedPluginView, order: Order): Promise<HostedPluginView & Partial<LiveView>> {
  const params = { params: { path: { code: plugin, version } } }
  if (order === 'start') return answer(api.POST('/v1/hosted-plugins/{code}/versions/{version}:start', params))
  if (order === 'stop') return answer(api.POST('/v1/hosted-plugins/{code}/versions/{version}:stop', params))
  return answer(api.POST('/v1/hosted-plugins/{code}/versions/{version}:restart', params))
}
