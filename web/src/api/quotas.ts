import { answer, api } from './client'
import type { Page, ProjectQuotas, Quotas, QuotaLimits } from './types'

/** Of a project; of those without quotas of their own where none is named. */
export function readQuotas(project: string): Promise<Quotas> {
  return answer(project === '' ? api.GET('/v1/quotas') : api.GET('/v1/projects/{project}/quotas', { params: { path: { project } } }))
}

/** Projects with quotas of their own, or with tasks now. */
export function listProjectQuotas(): Promise<Page<ProjectQuotas>> {
  return answer(api.GET('/v1/quotas/projects'))
}

/** Replaces them as a whole. */
export function putQuotas(project: string, body: QuotaLimits): Promise<Quotas> {
  return answer(project === '' ? api.PUT('/v1/quotas', { body }) : api.PUT('/v1/projects/{project}/quotas', { params: { path: { project } }, body }))
}

/** Those for all hold again; where no project is named, none do. */
export function removeQuotas(project: string): Promise<Quotas> {
  return answer(project === '' ? api.DELETE('/v1/quotas') : api.DELETE('/v1/projects/{project}/quotas', { params: { path: { project } } }))
}
