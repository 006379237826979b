import { expect, it } from 'vitest'
import { filledSecrets } from './filledSecrets'

it('draws fields for secrets as passwords and leaves the others as they are', () => {
  const form = { schema: { type: 'object', properties: { host: { type: 'string' }, password: { type: 'string', writeOnly: true } } }, uischema: null, i18n: {} }
  expect(filledSecrets(form).schema.properties).toEqual({ host: { type: 'string' }, password: { type: 'string', writeOnly: true, format: 'password' } })
  expect(form.schema.properties.password).not.toHaveProperty('format')
})
