// @vitest-environment jsdom
import { mount } from '@vue/test-utils'
import { expect, it } from 'vitest'
import ValueList from './ValueList.vue'

it('shows values by what they are called and in that order, others behind by their names', () => {
  const values = { a: 'one', longer: 'two', other: 'three' }
  const list = mount(ValueList, { props: { values, labels: { longer: 'First', a: 'Second', absent: 'None' }, emptyText: 'nothing' } })
  expect(list.findAll('dt').map((each) => each.text())).toEqual(['First', 'Second', 'other'])
  expect(list.findAll('dd').map((each) => each.text())).toEqual(['two', 'one', 'three'])
})
