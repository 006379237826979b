import { describe, expect, it } from 'vitest'
import { exampleValues, namesIn } from './templateValues'

describe('values to try a template with', () => {
  it('are found in its texts, each once', () => {
    expect(namesIn('${host.name} is full', '<p>${used} of ${host.name}, not $${this}</p>')).toEqual(['host.name', 'used'])
  })

  it('are nested as their names say', () => {
    expect(exampleValues(['host', 'host.name', 'used'])).toEqual({ host: { name: '[name]' }, used: '[used]' })
  })
})
