// @vitest-environment jsdom
import { VueQueryPlugin } from '@tanstack/vue-query'
import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, expect, it, vi } from 'vitest'
import type { ComponentView, StageView, SystemView } from '@/api/types'
import { i18n } from '@/app/i18n'
import { language } from '@/shared/session/language'
import ComponentsTab from './ComponentsTab.vue'

const run: ComponentView = {
  name: 'run', method: 'POST', path: '/run/', title: 'Run a script', description: '', scopes: [], is_read: false, parameters: [], path_parameters: [], query_parameters: [],
  request_schema: null, response_schema: null, labels: [], texts: { zh: { title: '执行脚本' } }, user_required: false, is_public: false, allow_apply: true,
}
vi.mock('@/api/systems', () => ({ listComponents: () => Promise.resolve({ items: [run, { ...run, name: 'stop', title: 'Stop it', texts: {} }], more: false }), readComponent: vi.fn() }))
vi.mock('vue-router', () => ({ useRoute: () => ({ query: {} }), useRouter: () => ({ replace: vi.fn() }) }))
afterEach(() => { language.value = 'en' })

it('lists components by their titles in the language in use, and finds them by these', async () => {
  language.value = 'zh'
  const system: SystemView = { name: 'job', title: '', description: '', aliases: [], owner: 'ada', stages: [{ name: 'prod', release: '1.0.0' } as StageView], components_count: 2 }
  const view = mount(ComponentsTab, { props: { system, manages: false }, global: { plugins: [i18n, VueQueryPlugin], stubs: { ComponentDrawer: true } } })
  await flushPromises()
  expect(view.text()).toContain('执行脚本')
  expect(view.text()).toContain('Stop it')
  await view.get('.search input').setValue('脚本')
  expect(view.text()).toContain('执行脚本')
  expect(view.text()).not.toContain('Stop it')
})
