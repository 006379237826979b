import { answer, api, given } from './client'
import type { AuditEntry, AuditVerification, Page } from './types'

export interface AuditQuery {
  action?: string
  actor?: string
  on_behalf_of?: string
  kind?: string
  resource?: string
  task?: string
  request?: string
  since?: string
  until?: string
  project?: string
  cursor?: string | null
}

export function listAudit(query: AuditQuery): Promise<Page<AuditEntry>> {
  return answer(api.GET('/v1/audit', { params: { query: { ...given(query), limit: 50 } } }))
}

/** Every sealed record as a JSON line. */
export const EXPORT_ADDRESS = '/v1/audit/export'

/** Reads the whole hash chain; tells an anchor to note elsewhere. */
export function verifyAudit(): Promise<AuditVerification> {
  return answer(api.GET('/v1/audit/verification'))
}
