import { request, seg } from './http'
import type {
  FlowDefinition,
  FlowDraft,
  FlowProblem,
  FlowView,
  JsonObject,
  LaunchableFlow,
  LaunchForm,
  Page,
  RevisionSummary,
  RevisionView,
  TaskView,
} from './types'

export function listFlows(project: string): Promise<Page<FlowView>> {
  return request('GET', `/projects/${seg(project)}/flows`, { query: { limit: 200 } })
}

export function createFlow(project: string, body: { name: string; description: string }): Promise<FlowView> {
  return request('POST', `/projects/${seg(project)}/flows`, { body })
}

export function readFlow(flow: string): Promise<FlowView> {
  return request('GET', `/flows/${seg(flow)}`)
}

export async function readDraft(flow: string): Promise<FlowDraft> {
  const draft = await request<FlowDraft>('GET', `/flows/${seg(flow)}/draft`)
  // A draft may be anything that is JSON, an empty object to begin with.
  return { ...draft, definition: { ...draft.definition, nodes: draft.definition.nodes ?? [], edges: draft.definition.edges ?? [] } }
}

export function saveDraft(flow: string, definition: FlowDefinition, draftVersion: number): Promise<FlowDraft> {
  return request('PUT', `/flows/${seg(flow)}/draft`, { body: { definition, draft_version: draftVersion } })
}

export function validateFlow(flow: string): Promise<{ problems: FlowProblem[] }> {
  return request('POST', `/flows/${seg(flow)}:validate`)
}

/** Publishes the draft, if it is still the one that was looked at. */
export function publishFlow(flow: string, comment: string, draftVersion: number): Promise<RevisionView> {
  return request('POST', `/flows/${seg(flow)}:publish`, { body: { comment, draft_version: draftVersion } })
}

export function listRevisions(flow: string): Promise<Page<RevisionSummary>> {
  return request('GET', `/flows/${seg(flow)}/revisions`, { query: { limit: 100 } })
}

export function readRevision(flow: string, number: number): Promise<RevisionView> {
  return request('GET', `/flows/${seg(flow)}/revisions/${seg(number)}`)
}

export function listLaunchable(): Promise<Page<LaunchableFlow>> {
  return request('GET', '/launchable', { query: { limit: 200 } })
}

export function readLaunchForm(flow: string): Promise<LaunchForm> {
  return request('GET', `/flows/${seg(flow)}/launch-form`)
}

/** Starts a task. The key makes a repeated press of the button start one task, not two. */
export function launchTask(
  flow: string,
  body: { name?: string; inputs: JsonObject; revision?: number },
  idempotencyKey: string,
): Promise<TaskView> {
  return request('POST', `/flows/${seg(flow)}/tasks`, { body, headers: { 'Idempotency-Key': idempotencyKey } })
}
