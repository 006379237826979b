import { answer, api } from './client'
import type { McpServer, McpServerChange, McpTool, NewMcpServer, Page } from './types'

/** Sets of tools for agents, of all systems and of the projects the person sees. */
export function listMcpServers(): Promise<Page<McpServer>> {
  return answer(api.GET('/v1/mcp-servers', { params: { query: { limit: 500 } } }))
}
export function createMcpServer(body: NewMcpServer): Promise<McpServer> {
  return answer(api.POST('/v1/mcp-servers', { body }))
}
export function changeMcpServer(name: string, body: McpServerChange): Promise<McpServer> {
  return answer(api.PATCH('/v1/mcp-servers/{name}', { params: { path: { name } }, body }))
}
export async function removeMcpServer(name: string): Promise<void> {
  await answer(api.DELETE('/v1/mcp-servers/{name}', { params: { path: { name } } }))
}

/** The tools as agents see them, and those that can't be offered. */
export function listMcpTools(name: string): Promise<Page<McpTool>> {
  return answer(api.GET('/v1/mcp-servers/{name}/tools', { params: { path: { name } } }))
}
