import { answer, api, given } from './client'
import type { Page, ScheduleInput, ScheduleRun, ScheduleTimes, ScheduleView } from './types'

export function listSchedules(project: string, flow: string): Promise<Page<ScheduleView>> {
  return answer(api.GET('/v1/projects/{project}/schedules', { params: { path: { project }, query: { ...given({ flow }), limit: 200 } } }))
}

/** Those that start tasks for the person, in whatever project. */
export function listOwnSchedules(): Promise<Page<ScheduleView>> {
  return answer(api.GET('/v1/schedules', { params: { query: { limit: 200 } } }))
}

/** `project` is the one that runs a common flow of another. */
export function createSchedule(flow: string, body: ScheduleInput, project?: string): Promise<ScheduleView> {
  return answer(api.POST('/v1/flows/{flow}/schedules', { params: { path: { flow }, query: given({ project: project ?? '' }) }, body }))
}

/** The person becomes its owner; refused when somebody changed it since `version`. */
export function changeSchedule(schedule: string, body: ScheduleInput, version: number): Promise<ScheduleView> {
  return answer(api.PUT('/v1/schedules/{schedule}', { params: { path: { schedule } }, body: { ...body, version } }))
}

export function switchSchedule(schedule: string, enabled: boolean): Promise<ScheduleView> {
  const options = { params: { path: { schedule } } }
  return answer(enabled ? api.POST('/v1/schedules/{schedule}:enable', options) : api.POST('/v1/schedules/{schedule}:disable', options))
}

export function runSchedule(schedule: string): Promise<ScheduleRun> {
  return answer(api.POST('/v1/schedules/{schedule}:run', { params: { path: { schedule } } }))
}

export async function removeSchedule(schedule: string): Promise<void> {
  await answer(api.DELETE('/v1/schedules/{schedule}', { params: { path: { schedule } } }))
}

export function listScheduleRuns(schedule: string): Promise<Page<ScheduleRun>> {
  return answer(api.GET('/v1/schedules/{schedule}/runs', { params: { path: { schedule }, query: { limit: 100 } } }))
}

/** The next times at which it would be due. */
export async function previewSchedule(times: ScheduleTimes): Promise<string[]> {
  return (await answer(api.POST('/v1/schedules:preview', { body: { ...times, count: 5 } }))).times
}
