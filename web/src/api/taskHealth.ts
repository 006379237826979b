import { answer, api } from './client'
import type { Examination, PlainSecret, TaskFinding } from './types'

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

/** What keeps a secret as somebody typed it, of all projects. */
export async function findPlainSecrets(): Promise<PlainSecret[]> {
  return (await answer(api.GET('/v1/runtime/plain-secrets'))).items
}

/** Seals them in all they left; answers those in which a secret still stood. */
export async function sealPlainSecrets(found: PlainSecret[]): Promise<PlainSecret[]> {
  const items = found.map(({ kind, id }) => ({ kind, id }))
  return (await answer(api.POST('/v1/runtime/plain-secrets:seal', { body: { items } }))).items
}
