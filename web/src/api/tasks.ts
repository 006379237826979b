import { address, request, seg } from './http'
import type { JsonObject, NodeDetail, NodeView, Page, TaskSummary, TaskView } from './types'

export function listTasks(project: string, query: { state?: string; cursor?: string | null }): Promise<Page<TaskSummary>> {
  return request('GET', `/projects/${seg(project)}/tasks`, { query: { ...query, limit: 50 } })
}

export function readTask(task: string): Promise<TaskView> {
  return request('GET', `/tasks/${seg(task)}`)
}

export function readNode(task: string, node: string): Promise<NodeDetail> {
  return request('GET', `/tasks/${seg(task)}/nodes/${seg(node)}`)
}

export type TaskOperation = 'pause' | 'resume' | 'revoke'

export function operateTask(task: string, operation: TaskOperation): Promise<TaskView> {
  return request('POST', `/tasks/${seg(task)}:${operation}`)
}

export function retryNode(task: string, node: string, inputs?: JsonObject): Promise<NodeView> {
  return request('POST', `/tasks/${seg(task)}/nodes/${seg(node)}:retry`, { body: inputs === undefined ? {} : { inputs } })
}

export function skipNode(task: string, node: string): Promise<NodeView> {
  return request('POST', `/tasks/${seg(task)}/nodes/${seg(node)}:skip`)
}

/** Address of the task's server-sent events. */
export function taskEventsAddress(task: string): string {
  return address(`/tasks/${seg(task)}/events`)
}
