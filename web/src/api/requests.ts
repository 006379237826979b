import { answer, api, given, refined } from './client'
import type { JsonObject, LaunchableFlow, LaunchForm, Page, RequestState, TaskRequest } from './types'

const MANY = 500

/** Flows the person may ask for a task of. */
export function listRequestable(): Promise<Page<LaunchableFlow>> {
  return answer(api.GET('/v1/requestable', { params: { query: { limit: MANY } } }))
}

/** The flow's form without what it takes as a secret. */
export function readRequestForm(flow: string): Promise<Omit<LaunchForm, 'optional'>> {
  return refined<Omit<LaunchForm, 'optional'>>(api.GET('/v1/flows/{flow}/request-form', { params: { path: { flow } } }))
}

export function submitRequest(flow: string, body: { inputs: JsonObject; name?: string; note: string }): Promise<TaskRequest> {
  return answer(api.POST('/v1/flows/{flow}/task-requests', { params: { path: { flow } }, body: { ...given(body), inputs: body.inputs } }))
}

interface RequestQuery {
  state?: RequestState[]
  cursor?: string | null
}

export function listOwnRequests(query: RequestQuery): Promise<Page<TaskRequest>> {
  return answer(api.GET('/v1/task-requests', { params: { query: { ...given(query), limit: 50 } } }))
}

export function listRequests(project: string, query: RequestQuery): Promise<Page<TaskRequest>> {
  return answer(api.GET('/v1/projects/{project}/task-requests', { params: { path: { project }, query: { ...given(query), limit: 50 } } }))
}

export function readRequest(request: string): Promise<TaskRequest> {
  return answer(api.GET('/v1/task-requests/{request}', { params: { path: { request } } }))
}

export type RequestStep = 'claim' | 'release' | 'withdraw'

export function stepRequest(request: string, step: RequestStep): Promise<TaskRequest> {
  const options = { params: { path: { request } } }
  const calls = {
    claim: () => api.POST('/v1/task-requests/{request}:claim', options),
    release: () => api.POST('/v1/task-requests/{request}:release', options),
    withdraw: () => api.POST('/v1/task-requests/{request}:withdraw', options),
  }
  return answer(calls[step]())
}

export function adjustRequest(request: string, inputs: JsonObject): Promise<TaskRequest> {
  return answer(api.PUT('/v1/task-requests/{request}/inputs', { params: { path: { request } }, body: { inputs } }))
}

export function startRequest(request: string, secrets: JsonObject): Promise<TaskRequest> {
  return answer(api.POST('/v1/task-requests/{request}:start', { params: { path: { request } }, body: { secrets } }))
}

export function rejectRequest(request: string, reason: string): Promise<TaskRequest> {
  return answer(api.POST('/v1/task-requests/{request}:reject', { params: { path: { request } }, body: { reason } }))
}
