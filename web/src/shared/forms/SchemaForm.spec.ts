// @vitest-environment jsdom
import { mount, flushPromises } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import { nextTick } from 'vue'
import { i18n } from '@/app/i18n'
import type { FormModel, JsonObject } from '@/api/types'
import { chooseLanguage } from '@/shared/session/language'
import SchemaForm from './SchemaForm.vue'
import type { ErrorObject } from './formErrors'

const form: FormModel = {
  schema: {
    type: 'object',
    required: ['ip'],
    properties: {
      ip: { type: 'string', title: 'Address', description: 'As the inventory has it' },
      threshold: { type: 'integer', title: 'Threshold' },
      quiet: { type: 'boolean', title: 'Quiet' },
      level: { type: 'string', title: 'Level', enum: ['low', 'high'] },
      token: { type: 'string', format: 'password', title: 'Token' },
      script: { type: 'string', title: 'Script' },
      from: { type: 'string', format: 'date-time', title: 'From' },
      recipients: { type: 'array', title: 'Recipients', items: { type: 'string' } },
      mounts: { type: 'array', title: 'Mounts', items: { type: 'object', properties: { path: { type: 'string', title: 'Path' } } } },
      note: { type: 'object', title: 'Note', properties: { subject: { type: 'string', title: 'Subject' } } },
      anything: { type: 'array', title: 'Anything', items: { type: 'array', items: {} } },
    },
  },
  i18n: { zh: { 'ip.label': '地址', 'level.low': '低' } },
}

async function draw(data: JsonObject = {}, more: Partial<{ form: FormModel; errors: ErrorObject[] }> = {}) {
  const emitted: JsonObject[] = []
  const view = mount(SchemaForm, {
    props: { modelValue: data, form, ...more, 'onUpdate:modelValue': (value: JsonObject) => { emitted.push(value) } },
    global: { plugins: [i18n] },
    attachTo: document.body,
  })
  await flushPromises()
  return { view, emitted }
}

describe('SchemaForm', () => {
  it('draws a widget for every kind of field', async () => {
    const { view } = await draw({ mounts: [{ path: '/data' }] })
    const labels = view.findAll('label.label, span.label, legend').map((label) => label.text().replace('*', ''))
    expect(labels).toEqual(['Address', 'Threshold', 'Quiet', 'Level', 'Token', 'Script', 'From', 'Recipients', 'Mounts', 'Path', 'Note', 'Subject', 'Anything'])
    expect(view.text()).not.toContain('No applicable renderer')
    expect(view.find('#field-token-input').attributes('type')).toBe('password')
    expect(view.find('label[for="field-ip-input"]').text()).toBe('Address*')
    view.unmount()
  })

  it('gives back what is typed, and leaves out what is emptied', async () => {
    const { view, emitted } = await draw({ ip: '10.0.0.5', note: { subject: 'x' } })
    await view.find('#field-note-subject-input').setValue('hello')
    expect(emitted.at(-1)).toEqual({ ip: '10.0.0.5', note: { subject: 'hello' } })
    await view.find('#field-ip-input').setValue('')
    expect(JSON.stringify(emitted.at(-1))).toBe('{"note":{"subject":"hello"}}')
    view.unmount()
  })

  it("shows the server's errors at their fields, in tables too", async () => {
    const at = (instancePath: string, message: string): ErrorObject => ({ instancePath, message, schemaPath: '', keyword: 'server', params: {} })
    const { view } = await draw({ mounts: [{}] }, { errors: [at('/ip', 'is required'), at('/mounts/0/path', 'is not a path')] })
    await flushPromises()
    expect(view.find('#field-ip-error').text()).toBe('is required')
    expect(view.find('#field-mounts-0-path-error').text()).toBe('is not a path')
    expect(view.find('#field-ip-input').attributes('aria-describedby')).toBe('field-ip-error field-ip-hint')
    view.unmount()
  })

  it('follows rules without compiling code, also while the value they look at is absent', async () => {
    const element = (scope: string, rule?: object) => ({ type: 'Control', scope: `#/properties/${scope}`, rule })
    const uischema = {
      type: 'VerticalLayout',
      elements: [element('quiet'), element('ip', { effect: 'SHOW', condition: { scope: '#/properties/quiet', schema: { const: true } } })],
    }
    const { view } = await draw({}, { form: { ...form, uischema } })
    expect(view.find('#field-ip-input').exists()).toBe(false)
    await view.setProps({ modelValue: { quiet: true } })
    await nextTick()
    expect(view.find('#field-ip-input').exists()).toBe(true)
    view.unmount()
  })

  it('speaks the chosen language where the form has its texts', async () => {
    const { view } = await draw()
    chooseLanguage('zh')
    await nextTick()
    expect(view.find('label[for="field-ip-input"]').text()).toBe('地址*')
    expect(view.find('label[for="field-token-input"]').text()).toBe('Token')
    chooseLanguage('en')
    view.unmount()
  })
})
