import { answer, api } from './client'
import type { FlowUse, ProjectVariable, ProjectVariableChange } from './types'

/** What every flow of a project may use, by name. */
export async function listProjectVariables(project: string): Promise<ProjectVariable[]> {
  return (await answer(api.GET('/v1/projects/{project}/variables', { params: { path: { project } } }))).items
}

export type VariableWish = Omit<ProjectVariableChange, 'version' | 'force'>

export function addProjectVariable(project: string, body: VariableWish): Promise<ProjectVariable> {
  return answer(api.POST('/v1/projects/{project}/variables', { params: { path: { project } }, body }))
}

/** Another name needs `force` while flows name it by the present one. */
export function changeProjectVariable(project: string, name: string, body: ProjectVariableChange): Promise<ProjectVariable> {
  return answer(api.PUT('/v1/projects/{project}/variables/{name}', { params: { path: { project, name } }, body }))
}

export async function removeProjectVariable(project: string, { name, version }: ProjectVariable, force: boolean): Promise<void> {
  await answer(api.DELETE('/v1/projects/{project}/variables/{name}', { params: { path: { project, name }, query: { version, force } } }))
}

/** Drafts, revisions and common flows that name it. */
export async function listVariableUses(project: string, name: string): Promise<FlowUse[]> {
  return (await answer(api.GET('/v1/projects/{project}/variables/{name}/uses', { params: { path: { project, name } } }))).items
}
