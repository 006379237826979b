import { answer, api, refined } from './client'
import { gathered, type Gathered } from './pages'
import type { ComponentDefinition, ComponentProposal, DraftComponent, Page } from './types'

function at(system: string, component: string) {
  return { params: { path: { system, component } } }
}

/** What the next release of a system is made of. */
export function listDraft(system: string): Promise<Gathered<DraftComponent>> {
  return gathered((cursor) =>
    refined<Page<DraftComponent>>(
      api.GET('/v1/systems/{system}/draft/components', { params: { path: { system }, query: { limit: 500, cursor } } }),
    ),
  )
}

/** Makes a component or replaces all of it; nothing that is served changes. */
export function putDraft(system: string, component: string, body: ComponentDefinition): Promise<DraftComponent> {
  return refined<DraftComponent>(
    api.PUT('/v1/systems/{system}/draft/components/{component}', { ...at(system, component), body: body as never }),
  )
}

/** Replaces some members of a component, each as a whole. */
export function patchDraft(system: string, component: string, body: Partial<ComponentDefinition>): Promise<DraftComponent> {
  return refined<DraftComponent>(api.PATCH('/v1/systems/{system}/draft/components/{component}', { ...at(system, component), body }))
}

export async function removeDraft(system: string, component: string): Promise<void> {
  await answer(api.DELETE('/v1/systems/{system}/draft/components/{component}', at(system, component)))
}

/** The component that a pasted `curl` line calls; nothing is stored. */
export function componentFromCurl(system: string, command: string): Promise<ComponentProposal> {
  return refined<ComponentProposal>(
    api.POST('/v1/systems/{system}/draft/components:from-curl', { params: { path: { system } }, body: { command } }),
  )
}
