import { request, seg } from './http'
import type { ComponentView, ImportedSystem, Page, ReleaseView, SystemImport, SystemView } from './types'

export function listSystems(): Promise<Page<SystemView>> {
  return request('GET', '/systems', { query: { limit: 200 } })
}

export function readSystem(system: string): Promise<SystemView> {
  return request('GET', `/systems/${seg(system)}`)
}

export function listComponents(system: string): Promise<Page<ComponentView>> {
  return request('GET', `/systems/${seg(system)}/components`, { query: { limit: 200 } })
}

export function readComponent(system: string, component: string): Promise<ComponentView> {
  return request('GET', `/systems/${seg(system)}/components/${seg(component)}`)
}

export function listReleases(system: string): Promise<Page<ReleaseView>> {
  return request('GET', `/systems/${seg(system)}/releases`)
}

export function importSystem(body: SystemImport): Promise<ImportedSystem> {
  return request('POST', '/systems:import', { body })
}
