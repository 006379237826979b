import { answer, api, given } from './client'
import type { AuditEntry, Page } from './types'

export interface AuditQuery {
  action?: string
  actor?: string
  resource?: string
  task?: string
  project?: string
  cursor?: string | null
}

export function listAudit(query: AuditQuery): Promise<Page<AuditEntry>> {
  return answer(api.GET('/v1/audit', { params: { query: { ...given(query), limit: 50 } } }))
}
