// @vitest-environment jsdom
import { mount } from '@vue/test-utils'
import { expect, it } from 'vitest'
import { defineComponent } from 'vue'
import FileDrop from './FileDrop.vue'

const Icon = defineComponent({ template: '<i />' })

it('lets go of the file it has told of, so that the browser tells of it again once it was mended', async () => {
  const drop = mount(FileDrop, { props: { accept: '.json', label: 'Drop', icon: Icon, file: null }, global: { stubs: { ElIcon: true } } })
  const input = drop.get('input').element
  const file = new File(['{}'], 'assets.json')
  let value = 'assets.json'
  Object.defineProperty(input, 'files', { get: () => (value === '' ? [] : [file]) })
  Object.defineProperty(input, 'value', { get: () => value, set: (given: string) => (value = given) })

  await drop.get('input').trigger('change')

  expect(drop.emitted('picked')).toEqual([[file]])
  expect(input.value).toBe('')
})
