import { answer, api, given, refined } from './client'
import type { BulkOperation, BulkResults, InsideView, JsonObject, NodeDetail, NodeState, NodeView, OriginKind, Page, TaskCancellation, TaskState, TaskSummary, TaskView } from './types'

/** What a list of tasks is narrowed by; what is empty narrows nothing. */
export interface TaskFilter {
  state?: TaskState[]
  flow?: string
  created_by?: string
  origin?: OriginKind | ''
  origin_id?: string
  name?: string
  since?: string
  until?: string
}
interface TaskQuery extends TaskFilter {
  cursor?: string | null
}

export function listTasks(project: string, query: TaskQuery): Promise<Page<TaskSummary>> {
  return answer(
    api.GET('/v1/projects/{project}/tasks', { params: { path: { project }, query: { ...given(query), limit: 50 } } }),
  )
}

/** The tasks the person launched, in whatever project. */
export function listOwnTasks(query: TaskQuery): Promise<Page<TaskSummary>> {
  return answer(api.GET('/v1/tasks', { params: { query: { ...given(query), limit: 50 } } }))
}

/** Does one thing to many tasks; each has a result of its own. */
export function operateTasks(operation: BulkOperation, which: { tasks: string[] } | { filter: TaskFilter & { project: string } }): Promise<BulkResults> {
  const body = 'filter' in which ? { operation, filter: { ...given(which.filter), project: which.filter.project } } : { operation, ...which }
  return answer(api.POST('/v1/tasks:operate', { body }))
}

export function readTask(task: string): Promise<TaskView> {
  return refined<TaskView>(api.GET('/v1/tasks/{task}', { params: { path: { task } } }))
}

/** Attempts whose plugins are told that nobody waits for them any more. */
export async function listCancellations(task: string): Promise<TaskCancellation[]> {
  return (await answer(api.GET('/v1/tasks/{task}/cancellations', { params: { path: { task } } }))).items
}

export function readNode(task: string, node: string): Promise<NodeDetail> {
  return answer(api.GET('/v1/tasks/{task}/nodes/{node}', { params: { path: { task, node } } }))
}

/** What ran directly inside a node, of a loop the items that failed first; a page of it. */
export function readInside(task: string, node: string, state: NodeState | null, cursor: number): Promise<InsideView> {
  return answer(api.GET('/v1/tasks/{task}/nodes/{node}/inside', { params: { path: { task, node }, query: { ...given({ state }), cursor } } }))
}

export type TaskOperation = 'pause' | 'resume' | 'revoke'

export function operateTask(task: string, operation: TaskOperation): Promise<TaskView> {
  const options = { params: { path: { task } } }
  const calls = {
    pause: () => api.POST('/v1/tasks/{task}:pause', options),
    resume: () => api.POST('/v1/tasks/{task}:resume', options),
    revoke: () => api.POST('/v1/tasks/{task}:revoke', options),
  }
  return refined<TaskView>(calls[operation]())
}

/** Other inputs for the nodes that begin from now on. */
export function changeTaskInputs(task: string, inputs: JsonObject): Promise<TaskView> {
  return refined<TaskView>(api.POST('/v1/tasks/{task}:change-inputs', { params: { path: { task } }, body: { inputs } }))
}

/** Runs a failed node again; `inputs` replace those of the same names. */
export function retryNode(task: string, node: string, inputs?: JsonObject): Promise<NodeView> {
  const body = inputs === undefined ? {} : { inputs }
  return answer(api.POST('/v1/tasks/{task}/nodes/{node}:retry', { params: { path: { task, node } }, body }))
}

export function skipNode(task: string, node: string): Promise<NodeView> {
  return answer(api.POST('/v1/tasks/{task}/nodes/{node}:skip', { params: { path: { task, node } } }))
}

/** A new task of the same flow that begins at a node, with what came before it; of another revision where one is given. */
export function rerunTask(task: string, node: string, revision: number): Promise<TaskView> {
  return refined<TaskView>(api.POST('/v1/tasks/{task}:rerun', { params: { path: { task } }, body: { node, revision } }))
}

export type NodeSteering = 'pause' | 'resume' | 'force-fail'

/** Holds a node when it is reached, lets it go on, or takes it for failed. */
export function steerNode(task: string, node: string, steering: NodeSteering): Promise<NodeView> {
  const options = { params: { path: { task, node } } }
  const calls = {
    pause: () => api.POST('/v1/tasks/{task}/nodes/{node}:pause', options),
    resume: () => api.POST('/v1/tasks/{task}/nodes/{node}:resume', options),
    'force-fail': () => api.POST('/v1/tasks/{task}/nodes/{node}:force-fail', options),
  }
  return answer(calls[steering]())
}

/** Confirms, approves or refuses what a node asks; `data` is its form, filled in. */
export function decideNode(task: string, node: string, body: { approved: boolean; comment: string; data: JsonObject }): Promise<NodeView> {
  return answer(api.POST('/v1/tasks/{task}/nodes/{node}:decide', { params: { path: { task, node } }, body }))
}

/** Address of the task's server-sent events. */
export function taskEventsAddress(task: string): string {
  return `/v1/tasks/${encodeURIComponent(task)}/events`
}
