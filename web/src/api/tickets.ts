import { answer, api } from './client'
import type { CreatedTicketWebhook, Page, TicketDelivery, TicketWebhook } from './types'

/** Where steps of applications for a system are told to an outside ticket system. */
export function listTicketWebhooks(system: string): Promise<Page<TicketWebhook>> {
  return answer(api.GET('/v1/ticket-webhooks', { params: { query: { system } } }))
}
export function createTicketWebhook(system: string, url: string): Promise<CreatedTicketWebhook> {
  return answer(api.POST('/v1/ticket-webhooks', { body: { system, url } }))
}
export function switchTicketWebhook(webhook_id: string, enabled: boolean): Promise<TicketWebhook> {
  return answer(api.PATCH('/v1/ticket-webhooks/{webhook_id}', { params: { path: { webhook_id } }, body: { enabled } }))
}
/** The next message is signed with the new secret. */
export function rotateTicketSecret(webhook_id: string): Promise<CreatedTicketWebhook> {
  return answer(api.POST('/v1/ticket-webhooks/{webhook_id}:rotate-secret', { params: { path: { webhook_id } } }))
}
export async function removeTicketWebhook(webhook_id: string): Promise<void> {
  await answer(api.DELETE('/v1/ticket-webhooks/{webhook_id}', { params: { path: { webhook_id } } }))
}

/** What was sent and what waits to be, newest first. */
export function listTicketDeliveries(webhook_id: string): Promise<Page<TicketDelivery>> {
  return answer(api.GET('/v1/ticket-webhooks/{webhook_id}/deliveries', { params: { path: { webhook_id }, query: { limit: 50 } } }))
}
export function sendTicketAgain(webhook_id: string, delivery_id: string): Promise<TicketDelivery> {
  return answer(api.POST('/v1/ticket-webhooks/{webhook_id}/deliveries/{delivery_id}:send-again', { params: { path: { webhook_id, delivery_id } } }))
}
