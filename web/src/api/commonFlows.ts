import { answer, api, refined } from './client'
import type { CommonFlow, RevisionView } from './types'

/** Flows of other projects that this one may launch and run inside its own. */
export async function listCommonFlows(project: string): Promise<CommonFlow[]> {
  return (await answer(api.GET('/v1/projects/{project}/common-flows', { params: { path: { project } } }))).items
}

/** All that are shared, for administrators. */
export async function listAllCommonFlows(): Promise<CommonFlow[]> {
  return (await answer(api.GET('/v1/common-flows'))).items
}

export function readCommonRevision(project: string, flow: string, number: number): Promise<RevisionView> {
  return refined<RevisionView>(
    api.GET('/v1/projects/{project}/common-flows/{flow}/revisions/{number}', { params: { path: { project, flow, number } } }),
  )
}

/** Shares a flow with projects, by id or code; with all where there are none. */
export function shareFlow(flow: string, projects: string[]): Promise<CommonFlow> {
  return answer(api.PUT('/v1/flows/{flow}/common', { params: { path: { flow } }, body: { projects } }))
}

export async function unshareFlow(flow: string): Promise<void> {
  await answer(api.DELETE('/v1/flows/{flow}/common', { params: { path: { flow } } }))
}
