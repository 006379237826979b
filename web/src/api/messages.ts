import { callComponent } from './componentCalls'
import type { LiveView } from './types'

/** What a change answers; nothing of it has to travel to gateway processes. */
type Done<Answer> = Answer & Partial<LiveView>

export type DeliveryState = 'waiting' | 'handing_over' | 'sent' | 'failed' | 'unknown' | 'duplicate' | 'muted'

export interface Delivery {
  id: string
  message_id: string
  msg_type: string
  title: string
  app: string
  receiver: string
  address: string
  state: DeliveryState
  error: string
  attempt_count: number
  repeats: number
  next_at: string | null
  created_at: string
  finished_at: string | null
}

export interface Attempt {
  number: number
  state: string
  detail: string
  started_at: string
  finished_at: string | null
}

export interface DeliveryDetail extends Delivery {
  can_resend: boolean
  attempts: Attempt[]
}

export interface DeliveryQuery {
  receiver?: string
  msg_type?: string
  app?: string
  state?: DeliveryState[]
}

export interface MailServer {
  host: string
  port: number
  security: 'none' | 'starttls' | 'tls'
  username: string
  mail_from: string
  authority: string
}

export type ChannelKind = 'mail' | 'wecom' | 'dingtalk' | 'feishu' | 'slack' | 'teams' | 'webhook' | 'sms' | 'voice'

export interface Channel {
  msg_type: string
  kind: ChannelKind
  label: string
  label_zh: string
  is_active: boolean
  is_set: boolean
  is_mandatory: boolean
  mail: MailServer | null
  has_password: boolean
  address: string
  per_minute: number
  per_receiver_per_hour: number
  repeat_minutes: number
  attempts: number
}

/** `password` and `address` that are left out stay as they are kept. */
export type SetChannel = Omit<Channel, 'is_set' | 'has_password' | 'address' | 'mail'> & { mail?: MailServer; password?: string; address?: string }

export interface TestResult {
  sent: boolean
  detail: string
  seconds: number
}

export interface TemplateText {
  title: string
  content: string
}
export type Language = 'en' | 'zh'

export interface TemplateSummary {
  name: string
  version: number
  description: string
  body_format: 'Html' | 'Text'
  languages: Language[]
  created_by: string
  created_at: string
}

export interface Template extends TemplateSummary {
  texts: Partial<Record<Language, TemplateText>>
  values: string[]
  versions: number[]
}

export interface Preview {
  title: string
  content: string
  plain_text: string
}

export interface Address {
  username: string
  msg_type: string
  address: string
  updated_at: string
}

export const IMPORTANCES = ['low', 'normal', 'high', 'urgent'] as const
export type Importance = (typeof IMPORTANCES)[number]

export interface PreferenceRule {
  topic: string
  importance: Importance[]
  msg_types: string[]
}

export interface PreferenceChoices {
  time_zone: string
  quiet_from: string
  quiet_to: string
  rules: PreferenceRule[]
}

export interface Preferences extends PreferenceChoices {
  username: string
}

const PER_PAGE = 50

/** Deliveries of every app, newest first; `before` is `next` of the page before. */
export function searchDeliveries(system: string, query: DeliveryQuery, before: string): Promise<{ items: Delivery[]; next: string }> {
  return callComponent(system, 'search_deliveries', { ...query, before, limit: PER_PAGE })
}

export function readDelivery(system: string, id: string): Promise<DeliveryDetail> {
  return callComponent(system, 'get_delivery', { id })
}

export function resendDelivery(system: string, id: string): Promise<Done<{ id: string }>> {
  return callComponent(system, 'resend_delivery', { id })
}

export function listChannels(system: string): Promise<Channel[]> {
  return callComponent(system, 'list_channels', {})
}

export function setChannel(system: string, channel: SetChannel): Promise<Done<{ msg_type: string }>> {
  return callComponent(system, 'set_channel', channel)
}

/** One that is there from the start becomes as it came. */
export function deleteChannel(system: string, msgType: string): Promise<Done<{ msg_type: string }>> {
  return callComponent(system, 'delete_channel', { msg_type: msgType })
}

/** Sends one message now, and tells what the other side said. */
export function testChannel(system: string, msgType: string, receiver: string): Promise<TestResult> {
  return callComponent(system, 'test_channel', { msg_type: msgType, receiver })
}

export function listTemplates(system: string): Promise<TemplateSummary[]> {
  return callComponent(system, 'list_templates', {})
}

export function readTemplate(system: string, name: string, version?: number): Promise<Template> {
  return callComponent(system, 'get_template', { name, version })
}

/** Makes the next version. */
export function saveTemplate(system: string, template: Pick<Template, 'name' | 'description' | 'body_format' | 'texts'>): Promise<Done<{ name: string; version: number }>> {
  return callComponent(system, 'save_template', template)
}

export function deleteTemplate(system: string, name: string): Promise<Done<{ name: string }>> {
  return callComponent(system, 'delete_template', { name })
}

export function previewTemplate(system: string, asked: { text: TemplateText; body_format: 'Html' | 'Text'; values: Record<string, unknown> }): Promise<Preview> {
  return callComponent(system, 'preview_template', asked)
}

/** Where users receive each kind of message; of everybody when no names are given. */
export function listAddresses(system: string, usernames: string[]): Promise<Address[]> {
  return callComponent(system, 'list_user_addresses', { username: usernames })
}

/** An empty address removes it. */
export function setAddress(system: string, username: string, msgType: string, address: string): Promise<Done<Address>> {
  return callComponent(system, 'update_user_address', { username, msg_type: msgType, address })
}

export function readPreferences(system: string, username: string): Promise<Preferences> {
  return callComponent(system, 'get_preferences', { username })
}

export function setPreferences(system: string, preferences: Preferences): Promise<Done<Preferences>> {
  return callComponent(system, 'set_preferences', preferences)
}
