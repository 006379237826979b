import { answer, api, given, refined } from './client'
import type { JsonObject, MiniApp, MiniAppChange, MiniAppPage, MiniAppSummary, Page, TaskSummary, TaskView } from './types'

const MANY = 500

/** Those the person may open. */
export function listOpenableApps(): Promise<Page<MiniAppSummary>> {
  return answer(api.GET('/v1/mini-apps', { params: { query: { limit: MANY } } }))
}

export function listMiniApps(project: string): Promise<Page<MiniApp>> {
  return answer(api.GET('/v1/projects/{project}/mini-apps', { params: { path: { project }, query: { limit: MANY } } }))
}

/** `project` is the one that runs a common flow of another. */
export function createMiniApp(flow: string, code: string, body: MiniAppChange, project?: string): Promise<MiniApp> {
  return answer(api.POST('/v1/flows/{flow}/mini-apps', { params: { path: { flow }, query: given({ project: project ?? '' }) }, body: { ...body, code } }))
}

/** Refused when somebody changed it since `version`. */
export function changeMiniApp(app: string, body: MiniAppChange, version: number): Promise<MiniApp> {
  return answer(api.PUT('/v1/mini-apps/{app}', { params: { path: { app } }, body: { ...body, version } }))
}

export async function removeMiniApp(app: string): Promise<void> {
  await answer(api.DELETE('/v1/mini-apps/{app}', { params: { path: { app } } }))
}

export function openMiniApp(app: string): Promise<MiniAppPage> {
  return refined<MiniAppPage>(api.GET('/v1/mini-apps/{app}/page', { params: { path: { app } } }))
}

export function listAppTasks(app: string, everybodys: boolean, cursor: string | null): Promise<Page<TaskSummary>> {
  return answer(api.GET('/v1/mini-apps/{app}/tasks', { params: { path: { app }, query: { ...given({ cursor }), everybodys, limit: 20 } } }))
}

export function launchMiniApp(app: string, body: { inputs: JsonObject; revision: number }, idempotencyKey: string): Promise<TaskView> {
  return refined<TaskView>(
    api.POST('/v1/mini-apps/{app}/tasks', { params: { path: { app } }, body, headers: { 'Idempotency-Key': idempotencyKey } }),
  )
}
