import { answer, api, given, refined } from './client'
import type {
  FlowComparison,
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

const MANY = 500

export interface FlowFilter {
  name: string
  label: string
  favourite: boolean
}
const EVERY_FLOW: FlowFilter = { name: '', label: '', favourite: false }

export function listFlows(project: string, { name, label, favourite }: FlowFilter = EVERY_FLOW): Promise<Page<FlowView>> {
  const query = { ...given({ name, label }), favourite, limit: MANY }
  return answer(
    api.GET('/v1/projects/{project}/flows', { params: { path: { project }, query } }),
  )
}

export function createFlow(project: string, body: { name: string; description: string }): Promise<FlowView> {
  return answer(api.POST('/v1/projects/{project}/flows', { params: { path: { project } }, body }))
}

export function readFlow(flow: string): Promise<FlowView> {
  return answer(api.GET('/v1/flows/{flow}', { params: { path: { flow } } }))
}

export async function readDraft(flow: string): Promise<FlowDraft> {
  const draft = await answer(api.GET('/v1/flows/{flow}/draft', { params: { path: { flow } } }))
  // A draft need not have all parts of a flow yet.
  return { ...draft, definition: { nodes: [], edges: [], ...draft?.definition } } as FlowDraft
}

export function saveDraft(flow: string, definition: FlowDefinition, draftVersion: number): Promise<FlowDraft> {
  return refined<FlowDraft>(
    api.PUT('/v1/flows/{flow}/draft', { params: { path: { flow } }, body: { definition, draft_version: draftVersion } }),
  )
}

/** Gives an input of the draft another name, with every place of the flow that names it. */
export function renameInput(flow: string, name: string, to: string, draftVersion: number): Promise<FlowDraft> {
  return refined<FlowDraft>(
    api.POST('/v1/flows/{flow}/draft:rename-input', { params: { path: { flow } }, body: { name, to, draft_version: draftVersion } }),
  )
}

export function validateFlow(flow: string): Promise<{ problems: FlowProblem[] }> {
  return answer(api.POST('/v1/flows/{flow}:validate', { params: { path: { flow } } }))
}

/** Publishes the draft, if it is still the one that was looked at. */
export function publishFlow(flow: string, comment: string, draftVersion: number): Promise<RevisionView> {
  return refined<RevisionView>(
    api.POST('/v1/flows/{flow}:publish', { params: { path: { flow } }, body: { comment, draft_version: draftVersion } }),
  )
}

export function listRevisions(flow: string): Promise<Page<RevisionSummary>> {
  return answer(
    api.GET('/v1/flows/{flow}/revisions', { params: { path: { flow }, query: { limit: 100 } } }),
  )
}

export function readRevision(flow: string, number: number): Promise<RevisionView> {
  return refined<RevisionView>(api.GET('/v1/flows/{flow}/revisions/{number}', { params: { path: { flow, number } } }))
}

/** A revision's number, or the draft. */
export type Side = 'draft' | `${number}`

export function compareRevisions(flow: string, before: Side, after: Side): Promise<FlowComparison> {
  return refined<FlowComparison>(api.GET('/v1/flows/{flow}/revisions/{before}/diff/{after}', { params: { path: { flow, before, after } } }))
}

/** What a definition has that the draft, as it is now, has not. */
export function compareWithDraft(flow: string, definition: FlowDefinition): Promise<FlowComparison> {
  return refined<FlowComparison>(api.POST('/v1/flows/{flow}/draft:compare', { params: { path: { flow } }, body: { definition } }))
}

/** Makes a revision the draft, if that is still the one that was looked at. */
export function restoreRevision(flow: string, number: number, draftVersion: number): Promise<FlowDraft> {
  return refined<FlowDraft>(
    api.POST('/v1/flows/{flow}/revisions/{number}:restore', { params: { path: { flow, number } }, body: { draft_version: draftVersion } }),
  )
}

export function listLaunchable(): Promise<Page<LaunchableFlow>> {
  return answer(api.GET('/v1/launchable', { params: { query: { limit: MANY } } }))
}

/** With `project` that of a common flow, as that project launches it. */
export function readLaunchForm(flow: string, project?: string): Promise<LaunchForm> {
  return refined<LaunchForm>(api.GET('/v1/flows/{flow}/launch-form', { params: { path: { flow }, query: given({ project: project ?? '' }) } }))
}

/** Starts a task. The key makes a repeated press of the button start one task, not two. */
export function launchTask(
  flow: string,
  body: { name?: string; inputs: JsonObject; revision?: number; schemes?: string[]; leave_out?: string[]; project?: string },
  idempotencyKey: string,
): Promise<TaskView> {
  return refined<TaskView>(
    api.POST('/v1/flows/{flow}/tasks', {
      params: { path: { flow } },
      body: { ...given(body), inputs: body.inputs },
      headers: { 'Idempotency-Key': idempotencyKey },
    }),
  )
}
