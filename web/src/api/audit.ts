import { request } from './http'
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
  return request('GET', '/audit', { query: { ...query, limit: 50 } })
}
