import type { Channel, ChannelKind, MailServer, SetChannel } from '@/api/messages'

export const KINDS: ChannelKind[] = ['mail', 'wecom', 'dingtalk', 'feishu', 'slack', 'teams', 'webhook', 'sms', 'voice']

/** How the address of a kind is written; `${address}` stands for a receiver's number or handle. */
export const EXAMPLES: Record<Exclude<ChannelKind, 'mail'>, string> = {
  wecom: 'wecombot://KEY',
  dingtalk: 'dingtalk://SECRET@TOKEN',
  feishu: 'feishu://TOKEN',
  slack: 'slack://A/B/C/#channel',
  teams: 'workflows://HOST:443/WORKFLOW/SIGNATURE/',
  webhook: 'jsons://host/path',
  sms: 'jsons://host/send?:mobile=${address}',
  voice: 'twilio://SID:TOKEN@FROM/${address}?method=call',
}

export interface ChannelForm {
  msg_type: string
  kind: ChannelKind
  label: string
  label_zh: string
  is_active: boolean
  is_mandatory: boolean
  mail: MailServer
  password: string
  /** Whether the kept address is replaced by `address`. */
  replaces: boolean
  address: string
  per_minute: number
  per_receiver_per_hour: number
  repeat_minutes: number
  attempts: number
}

const NEW_SERVER: MailServer = { host: '', port: 587, security: 'starttls', username: '', mail_from: '', authority: '' }

export function formOf(channel: Channel | null): ChannelForm {
  return {
    msg_type: channel?.msg_type ?? '',
    kind: channel?.kind ?? 'webhook',
    label: channel?.label ?? '',
    label_zh: channel?.label_zh ?? '',
    is_active: channel?.is_active ?? true,
    is_mandatory: channel?.is_mandatory ?? false,
    mail: { ...(channel?.mail ?? NEW_SERVER) },
    password: '',
    replaces: (channel?.address ?? '') === '',
    address: '',
    per_minute: channel?.per_minute ?? 0,
    per_receiver_per_hour: channel?.per_receiver_per_hour ?? 0,
    repeat_minutes: channel?.repeat_minutes ?? 0,
    attempts: channel?.attempts ?? 8,
  }
}

/** What is sent: of a kept secret nothing, unless it was typed anew. */
export function bodyOf(form: ChannelForm): SetChannel {
  const { msg_type, kind, label, label_zh, is_active, is_mandatory, per_minute, per_receiver_per_hour, repeat_minutes, attempts } = form
  const common = { msg_type: msg_type.trim(), kind, label: label.trim(), label_zh: label_zh.trim(), is_active, is_mandatory, per_minute, per_receiver_per_hour, repeat_minutes, attempts }
  if (kind === 'mail') return { ...common, mail: { ...form.mail, host: form.mail.host.trim() }, ...(form.password !== '' && { password: form.password }) }
  return { ...common, ...(form.replaces && { address: form.address.trim() }) }
}

export function isComplete(form: ChannelForm): boolean {
  if (form.msg_type.trim() === '') return false
  return form.kind !== 'mail' || (form.mail.host.trim() !== '' && form.mail.mail_from.trim() !== '')
}
