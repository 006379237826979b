import { answer, api, given, refined } from './client'
import type { FlowContent, FlowOrigin, FlowShare, ShareableFlow, SharedFlow, TakenFlow, TakePlan } from './types'

/** What a package of the flow would hold. */
export function lookAtPackage(flow: string, revision: number | null): Promise<ShareableFlow> {
  return answer(api.GET('/v1/flows/{flow}/package', { params: { path: { flow }, query: given({ revision }) } }))
}

export function shareInCatalogue(flow: string, body: FlowShare): Promise<SharedFlow> {
  return answer(api.POST('/v1/flows/{flow}/package', { params: { path: { flow } }, body }))
}

/** The package that sharing would publish, to be signed by its publisher. */
export function packFlow(flow: string, body: FlowShare): Promise<Blob> {
  return answer(api.POST('/v1/flows/{flow}/package:pack', { params: { path: { flow } }, body, parseAs: 'blob' })) as unknown as Promise<Blob>
}

/** What a version of kind flow would do. */
export function readFlowContent(code: string, version: string): Promise<FlowContent> {
  return refined<FlowContent>(api.GET('/v1/plugins/{code}/versions/{version}/flow', { params: { path: { code, version } } }))
}

export function planTaking(project: string, code: string, version: string): Promise<TakePlan> {
  return refined<TakePlan>(api.GET('/v1/projects/{project}/flow-packages/{code}/{version}', { params: { path: { project, code, version } } }))
}

export async function takeFlow(project: string, body: { code: string; version: string; publish: boolean; overwrite: boolean }): Promise<TakenFlow[]> {
  return (await answer(api.POST('/v1/projects/{project}/flow-packages', { params: { path: { project } }, body }))).items
}

/** Where a flow was taken from; null where it was made here. */
export async function readOrigin(flow: string): Promise<FlowOrigin | null> {
  return (await answer(api.GET('/v1/flows/{flow}/origin', { params: { path: { flow } } }))) ?? null
}
