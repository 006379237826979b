import { answer, api, given, refined } from './client'
import type { Page, Submission, SubmissionChanges, SubmissionPreview, SubmissionState } from './types'

/** Packages in quarantine and what became of others, the newest first. */
export function listSubmissions(state: SubmissionState | null, cursor: string | null = null): Promise<Page<Submission>> {
  return answer(api.GET('/v1/plugin-submissions', { params: { query: { ...given({ state, cursor }), limit: 50 } } }))
}

/** What a package that waits asks for and does otherwise than the published version it stands beside. */
export function compareSubmission(submission: string): Promise<SubmissionChanges> {
  return answer(api.GET('/v1/plugin-submissions/{submission}/changes', { params: { path: { submission } } }))
}

/** What users of a package that waits would read and fill in. */
export function previewSubmission(submission: string): Promise<SubmissionPreview> {
  return refined<SubmissionPreview>(api.GET('/v1/plugin-submissions/{submission}/preview', { params: { path: { submission } } }))
}

/** Publishes a package that somebody else submitted. */
export async function approveSubmission(submission: string, comment: string): Promise<void> {
  await answer(api.POST('/v1/plugin-submissions/{submission}:approve', { params: { path: { submission } }, body: { comment } }))
}

/** Refuses a package; its author reads the comment. */
export async function rejectSubmission(submission: string, comment: string): Promise<void> {
  await answer(api.POST('/v1/plugin-submissions/{submission}:reject', { params: { path: { submission } }, body: { comment } }))
}

/** Takes back a package of one's own. */
export async function withdrawSubmission(submission: string): Promise<void> {
  await answer(api.POST('/v1/plugin-submissions/{submission}:withdraw', { params: { path: { submission } } }))
}
