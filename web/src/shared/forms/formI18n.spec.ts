import { expect, it } from 'vitest'
import { labelsOf, labelsOfInputs } from './formI18n'

it('names fields by their titles in the reader\'s language, and by their names where they have none', () => {
  const form = { schema: { properties: { host: { title: 'Host' }, size: {} } }, i18n: { zh: { 'host.label': '主机' } } }
  expect(labelsOf(form, 'zh')).toEqual({ host: '主机', size: 'size' })
  expect(labelsOf(form, 'en')).toEqual({ host: 'Host', size: 'size' })
})

it('names the inputs of a definition, which may ask for nothing', () => {
  const form = { schema: { properties: { host: { title: 'Host' } } } }
  expect(labelsOfInputs({ nodes: [], edges: [], form }, 'en')).toEqual({ host: 'Host' })
  expect(labelsOfInputs({ nodes: [], edges: [] }, 'en')).toEqual({})
  expect(labelsOfInputs(undefined, 'en')).toEqual({})
})
