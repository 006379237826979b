import { answer, api, refined } from './client'
import { gathered, type Gathered } from './pages'
import type { ComponentView, ImportedSystem, NewSystem, Page, SystemImport, SystemView } from './types'

export function listSystems(): Promise<Page<SystemView>> {
  return answer(api.GET('/v1/systems', { params: { query: { limit: 500 } } }))
}

export function readSystem(system: string): Promise<SystemView> {
  return answer(api.GET('/v1/systems/{system}', { params: { path: { system } } }))
}

/** Components of a release; of the one on stage `prod` when none is named. */
export function listComponents(system: string, release?: string): Promise<Gathered<ComponentView>> {
  return gathered((cursor) =>
    refined<Page<ComponentView>>(
      api.GET('/v1/systems/{system}/components', { params: { path: { system }, query: { limit: 500, cursor, release } } }),
    ),
  )
}

export function readComponent(system: string, component: string, release?: string): Promise<ComponentView> {
  return refined<ComponentView>(
    api.GET('/v1/systems/{system}/components/{component}', { params: { path: { system, component }, query: { release } } }),
  )
}

export function importSystem(body: SystemImport): Promise<ImportedSystem> {
  return answer(api.POST('/v1/systems:import', { body }))
}

/** Registers a system without components; they are written into its draft. */
export async function createSystem(body: NewSystem): Promise<void> {
  await answer(api.POST('/v1/systems', { body }))
}
