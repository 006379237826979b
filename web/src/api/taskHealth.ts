import { answer, api } from './client'
import type { Examination, TaskFinding } from './types'

/** Which tasks are stuck, of all projects, and why. */
export function examineTasks(): Promise<Examination> {
  return answer(api.GET('/v1/runtime/findings'))
}

/** Mends those of the findings that are still so; answers which. */
export async function mendTasks(findings: TaskFinding[]): Promise<TaskFinding[]> {
  const told = findings.map(({ invariant, task_id, node_id }) => ({ invariant, task_id, node_id }))
  const { items } = await answer(api.POST('/v1/runtime/findings:mend', { body: { findings: told } }))
  return items
}
