import { answer, api, refined } from './client'
import type { ComponentView, ImportedSystem, Page, SystemImport, SystemView } from './types'

export function listSystems(): Promise<Page<SystemView>> {
  return answer(api.GET('/v1/systems', { params: { query: { limit: 500 } } }))
}

export function readSystem(system: string): Promise<SystemView> {
  return answer(api.GET('/v1/systems/{system}', { params: { path: { system } } }))
}

export function listComponents(system: string): Promise<Page<ComponentView>> {
  return refined<Page<ComponentView>>(
    api.GET('/v1/systems/{system}/components', { params: { path: { system }, query: { limit: 500 } } }),
  )
}

export function readComponent(system: string, component: string): Promise<ComponentView> {
  return refined<ComponentView>(
    api.GET('/v1/systems/{system}/components/{component}', { params: { path: { system, component } } }),
  )
}

export function importSystem(body: SystemImport): Promise<ImportedSystem> {
  return answer(api.POST('/v1/systems:import', { body }))
}
