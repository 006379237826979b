// @vitest-environment jsdom
import { describe, expect, it } from 'vitest'
import type { ExplanationView } from '@/api/types'
import { i18n } from '@/app/i18n'
import { denialText } from './denialText'

const denied: ExplanationView = { action: 'system.manage', resource: 'system:cmdb', allowed: false, reason: 'role_missing', text: 'told by the server', by: null, roles: ['owner', 'maintainer'], on: 'system:cmdb', ask: ['olga'] }
const t = (key: string, values: Record<string, string>): string => i18n.global.t(key, values)

describe('denialText', () => {
  it('tells the missing role and whom to ask in the language of the console', () => {
    i18n.global.locale.value = 'zh'
    expect(denialText(denied, t)).toBe('你需要系统 cmdb 上的以下角色之一：负责人 / 维护者；请联系 olga。')
    i18n.global.locale.value = 'en'
    expect(denialText({ ...denied, ask: [] }, t)).toBe('You need one of these roles on the system cmdb: Owner / Maintainer; ask an administrator.')
  })

  it('leaves other reasons to the server', () => {
    expect(denialText({ ...denied, reason: 'token_too_narrow' }, t)).toBe('told by the server')
    expect(denialText({ ...denied, on: null }, t)).toBe('told by the server')
  })
})
