import { expect, it } from 'vitest'
import { reactive } from 'vue'
import { initialData, withoutEmpty } from './initialData'

it('starts a form with its defaults, nested ones too', () => {
  const schema = {
    type: 'object',
    properties: {
      threshold: { type: 'integer', default: 80 },
      ip: { type: 'string' },
      mail: { type: 'object', properties: { to: { type: 'array', default: ['ops'] } } },
      bare: { type: 'object', properties: { a: { type: 'string' } } },
    },
  }
  expect(initialData(schema)).toEqual({ threshold: 80, mail: { to: ['ops'] } })
})

it('does not share a default with the schema', () => {
  const schema = { properties: { list: { default: [1] } } }
  const first = initialData(schema)
  ;(first.list as number[]).push(2)
  expect(initialData(schema)).toEqual({ list: [1] })
})

it('copies defaults out of reactive answers', () => {
  expect(initialData(reactive({ properties: { list: { default: ['a'] } } }))).toEqual({ list: ['a'] })
})

it('sends no emptied fields', () => {
  expect(withoutEmpty({ a: undefined, b: 1 })).toEqual({ b: 1 })
})
