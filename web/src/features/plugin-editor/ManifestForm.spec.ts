// @vitest-environment jsdom
import { VueQueryPlugin } from '@tanstack/vue-query'
import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { expect, it, vi } from 'vitest'
import { ref } from 'vue'
import { i18n } from '@/app/i18n'
import ManifestForm from './ManifestForm.vue'
import { manifestOf } from './manifestText'

vi.mock('@/api/applications', () => ({ searchComponents: () => Promise.resolve({ items: [], next: null }) }))
vi.mock('@/api/pluginDrafts', () => ({
  startDraft: ({ component }: { component: string }) =>
    Promise.resolve({ manifest: `scopes: [{scope: "${component}", reason: {en: a, zh: b}}]\ncomponent: {call: {body: {ip: x, most: y}}}`, readme: '', changelog: '' }),
}))

vi.setConfig({ testTimeout: 60_000 })

const TEXT = `code: find_host # stays
version: 0.1.0
kind: component
name: { en: Find, zh: 查找 }
inputs:
  type: object
  properties:
    ip: { type: string, title: Address, pattern: "^[0-9.]+$" }
  required: [ip]
outputs: { type: object, properties: {} }
component:
  call: { component: cmdb.search_host, body: { ip: "\${inputs.ip}" } }
`

async function draw() {
  const text = ref(TEXT)
  const view = mount(ManifestForm, {
    props: { modelValue: TEXT, 'onUpdate:modelValue': async (next: string) => { text.value = next; await view.setProps({ modelValue: next }) } },
    global: { plugins: [i18n, VueQueryPlugin] },
    attachTo: document.body,
  })
  await flushPromises()
  return { view, manifest: () => manifestOf(text.value) as Record<string, never>, text }
}
function at(view: VueWrapper, id: string) {
  return view.get(`[data-testid="${id}"]`)
}

it('writes what is typed into the text, beside comments and parts that it does not show', async () => {
  const { view, manifest, text } = await draw()
  await at(view, 'manifest-name-en').setValue('Find a host')
  await at(view, 'manifest-component-success').setValue('response.result == true')
  expect(manifest()).toMatchObject({ name: { en: 'Find a host', zh: '查找' }, component: { success: 'response.result == true' } })
  expect(text.value).toContain('code: find_host # stays')
  expect(text.value).toContain('pattern: "^[0-9.]+$"')
  await at(view, 'manifest-component-success').setValue('')
  expect(manifest()).not.toMatchObject({ component: { success: expect.anything() as unknown } })
})

it('renames an input where it stands, and where it is required', async () => {
  const { view, manifest } = await draw()
  const name = view.get('[data-testid="fields-inputs"] input[aria-label="Name"]')
  await name.setValue('address')
  await name.trigger('change')
  expect(manifest()).toMatchObject({ inputs: { properties: { address: { pattern: '^[0-9.]+$' } }, required: ['address'] } })
})

it('adds outputs, a poll, what cancels it and what the calls need', async () => {
  const { view, manifest } = await draw()
  expect(view.find('[data-testid="step-cancels"]').exists()).toBe(false)
  await at(view, 'add-outputs').setValue('count')
  await at(view, 'fields-outputs').get('form').trigger('submit')
  await at(view, 'step-polls').get('input').setValue(true)
  await at(view, 'step-cancels').get('input').setValue(true)
  await at(view, 'scopes-take-over').trigger('click')
  await flushPromises()
  expect(manifest()).toMatchObject({
    outputs: { properties: { count: { type: 'string', title: 'count' } } },
    component: { poll: { done: 'response.data.finished == true' }, cancel: { call: { component: '' } } },
    scopes: [{ scope: 'cmdb.search_host', reason: { en: 'a' } }],
  })
})
