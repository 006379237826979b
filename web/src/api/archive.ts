import { answer, api, refined } from './client'
import type { ArchivedSummary, ArchivedTask, JsonObject, Page, TaskRetention, TaskView } from './types'

export function listArchived(project: string, cursor: string | null): Promise<Page<ArchivedSummary>> {
  return refined<Page<ArchivedSummary>>(api.GET('/v1/projects/{project}/archived-tasks', { params: { path: { project }, query: { cursor: cursor ?? undefined, limit: 50 } } }))
}

export function readArchived(task: string): Promise<ArchivedTask> {
  return refined<ArchivedTask>(api.GET('/v1/archived-tasks/{task}', { params: { path: { task } } }))
}

/** Where the whole record is to be had as a file. */
export function recordAddress(task: string): string {
  return `/v1/archived-tasks/${encodeURIComponent(task)}`
}

/** A new task from the beginning; the same key never starts a second one. */
export function rerunArchived(task: string, revision: number, inputs: JsonObject, idempotencyKey: string): Promise<TaskView> {
  return refined<TaskView>(
    api.POST('/v1/archived-tasks/{task}:rerun', { params: { path: { task } }, body: { revision, inputs }, headers: { 'Idempotency-Key': idempotencyKey } }),
  )
}

export function readRetention(project: string): Promise<TaskRetention> {
  return answer(api.GET('/v1/projects/{project}/task-retention', { params: { path: { project } } }))
}

/** Null is for ever. */
export function putRetention(project: string, days: number | null, archiveDays: number | null): Promise<TaskRetention> {
  return answer(api.PUT('/v1/projects/{project}/task-retention', { params: { path: { project } }, body: { days, archive_days: archiveDays } }))
}

/** The platform's settings hold again. */
export function removeRetention(project: string): Promise<TaskRetention> {
  return answer(api.DELETE('/v1/projects/{project}/task-retention', { params: { path: { project } } }))
}
