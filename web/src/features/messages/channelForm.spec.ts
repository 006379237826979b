import { describe, expect, it } from 'vitest'
import type { Channel } from '@/api/messages'
import { bodyOf, formOf, isComplete } from './channelForm'

const MAIL: Channel = {
  msg_type: 'mail', kind: 'mail', label: 'Mail', label_zh: '邮件', is_active: true, is_set: true, is_mandatory: false, has_password: true, address: '',
  mail: { host: 'smtp.test', port: 587, security: 'starttls', username: 'ops', mail_from: 'ops@ops.test', authority: '' },
  per_minute: 5, per_receiver_per_hour: 0, repeat_minutes: 10, attempts: 3,
}
const ROBOT: Channel = { ...MAIL, msg_type: 'weixin', kind: 'wecom', mail: null, has_password: false, address: 'wecombot://…' }

describe('the form of a channel', () => {
  it('sends a password only when one was typed', () => {
    const form = formOf(MAIL)
    expect(bodyOf(form)).not.toHaveProperty('password')
    expect(bodyOf({ ...form, password: 'x' })).toMatchObject({ password: 'x', mail: MAIL.mail, attempts: 3, repeat_minutes: 10 })
  })

  it('keeps an address until it is to be replaced', () => {
    const form = formOf(ROBOT)
    expect(bodyOf(form)).not.toHaveProperty('address')
    expect(bodyOf(form)).not.toHaveProperty('mail')
    expect(bodyOf({ ...form, replaces: true, address: ' wecombot://new ' })).toMatchObject({ address: 'wecombot://new' })
  })

  it('asks for what a mail server needs', () => {
    const form = formOf(null)
    expect(isComplete(form)).toBe(false)
    form.msg_type = 'mail'
    expect(isComplete(form)).toBe(true)
    form.kind = 'mail'
    expect(isComplete(form)).toBe(false)
    form.mail = { ...form.mail, host: 'smtp.test', mail_from: 'a@b.test' }
    expect(isComplete(form)).toBe(true)
  })
})
