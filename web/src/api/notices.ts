import { answer, api } from './client'
import type { FlowNotices, FlowNoticesInput, NoticeDelivery, Page } from './types'

/** Who is told of a flow's tasks. */
export function readFlowNotices(flow: string): Promise<FlowNotices> {
  return answer(api.GET('/v1/flows/{flow}/notices', { params: { path: { flow } } }))
}

export function saveFlowNotices(flow: string, body: FlowNoticesInput): Promise<FlowNotices> {
  return answer(api.PUT('/v1/flows/{flow}/notices', { params: { path: { flow } }, body }))
}

/** Webhooks and callbacks of the flow's tasks are signed with the new secret from then on. */
export async function rotateFlowSecret(flow: string): Promise<string> {
  return (await answer(api.POST('/v1/flows/{flow}/notices:rotate-secret', { params: { path: { flow } } }))).secret
}

/** The address that a client of Standard OPS has set is told nothing more. */
export async function removeFlowWebhook(flow: string): Promise<void> {
  await answer(api.DELETE('/v1/flows/{flow}/notices/webhook', { params: { path: { flow } } }))
}

export function listFlowDeliveries(flow: string): Promise<Page<NoticeDelivery>> {
  return answer(api.GET('/v1/flows/{flow}/notices/deliveries', { params: { path: { flow }, query: { limit: 50 } } }))
}

export function sendNoticeAgain(flow: string, delivery: string): Promise<NoticeDelivery> {
  return answer(api.POST('/v1/flows/{flow}/notices/deliveries/{delivery}:send-again', { params: { path: { flow, delivery } } }))
}

export async function listNoticeGroups(project: string): Promise<string[]> {
  const found = await answer(api.GET('/v1/projects/{project}/notice-groups', { params: { path: { project } } }))
  return found.items.map(({ name }) => name)
}
