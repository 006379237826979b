import { expect, it } from 'vitest'
import { manifestOf, typed, untyped, withName, withStep, withValue } from './manifestText'

const TEXT = `# what it is
code: find_host # stays for ever
inputs:
  type: object
  properties:
    ip: { type: string, title: "Address" }
    # how many at most
    most: { type: integer }
component:
  call:
    component: cmdb.search_host # reads
    body:
      ip: \${inputs.ip}
  success: response.result == true
`

it('changes one value and leaves every comment and all else where it was', () => {
  const changed = withValue(TEXT, ['component', 'success'], 'status == 200')
  expect(changed).toBe(TEXT.replace('response.result == true', 'status == 200'))
  expect(withValue(changed, ['component', 'success'], 'response.result == true')).toBe(TEXT)
})

it('adds what was not there, and takes it away without a trace', () => {
  const added = withValue(TEXT, ['component', 'poll', 'call', 'component'], 'cmdb.look')
  expect(manifestOf(added)).toMatchObject({ component: { poll: { call: { component: 'cmdb.look' } } } })
  expect(withValue(added, ['component', 'poll'], undefined)).toBe(TEXT)
})

it('gives a member another name in its place', () => {
  const renamed = withName(TEXT, ['inputs', 'properties'], 'ip', 'address')
  expect(renamed).toBe(TEXT.replace('    ip:', '    address:'))
})

it('makes the only call the first of several', () => {
  const more = withStep(TEXT, 'cmdb.move')
  expect(manifestOf(more)).toMatchObject({
    component: { steps: [{ call: { component: 'cmdb.search_host' }, success: 'response.result == true' }, { call: { component: 'cmdb.move' } }] },
  })
  expect(more).toContain('# reads')
  expect((manifestOf(withStep(more, 'cmdb.x'))?.component as { steps: unknown[] }).steps).toHaveLength(3)
})

it('takes along what cancels the only call', () => {
  const more = withStep(withValue(TEXT, ['component', 'cancel'], { call: { component: 'cmdb.stop' } }), 'cmdb.move')
  const { component } = manifestOf(more) as { component: { cancel?: unknown; steps: { cancel?: unknown }[] } }
  expect([component.cancel, component.steps[0]?.cancel]).toEqual([undefined, { call: { component: 'cmdb.stop' } }])
})

it('leaves a text that is no YAML alone', () => {
  expect(manifestOf('a: [')).toBeNull()
  expect(withValue('a: [', ['a'], 1)).toBe('a: [')
})

it.each(['x', '5', 'true', '${inputs.a}', '"quoted"', '', '{'])('types %j and reads it back', (text) => {
  expect(untyped(typed(text))).toBe(text)
})
it.each([5, true, null, ['a'], { a: 1 }])('types %j and reads it back', (value) => {
  expect(untyped(typed(value))).toEqual(value)
})
