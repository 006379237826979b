// @vitest-environment jsdom
import { VueQueryPlugin } from '@tanstack/vue-query'
import { mount } from '@vue/test-utils'
import { expect, it } from 'vitest'
import { i18n } from '@/app/i18n'
import NodeDecision from './NodeDecision.vue'

function told(absent: string[]): string | null {
  const props = { task: 't', node: { id: 'ask', kind: 'approval' as const }, asked: { approvers: ['ann', 'bob'] }, absent }
  const note = mount(NodeDecision, { props, global: { plugins: [i18n, VueQueryPlugin] } }).find('[data-testid="absent-approvers"]')
  return note.exists() ? note.text() : null
}

it('says who of those it asks may not sign in, and who decides where that is all of them', () => {
  expect(told([])).toBeNull()
  expect(told(['ann'])).toBe('ann may not sign in any more.')
  expect(told(['ann', 'bob'])).toContain('an owner of the project or an administrator decides')
})
