// @vitest-environment jsdom
import { describe, expect, it } from 'vitest'
import { ApiProblem } from '@/api/problem'
import { placeErrors } from './formErrors'

const schema = { type: 'object', properties: { ip: { type: 'string' }, hosts: { type: 'array' } } }

function problemAt(...fields: string[]): ApiProblem {
  return new ApiProblem(422, { errors: fields.map((field) => ({ field, problem: 'is wrong', remedy: 'Fix it.' })) })
}

describe('placeErrors', () => {
  it('puts errors at the fields, with or without the prefix and in either notation', () => {
    const { atFields, elsewhere } = placeErrors(problemAt('inputs.ip', '/inputs/hosts/0/name', 'ip'), schema)
    expect(atFields.map(({ instancePath }) => instancePath)).toEqual(['/ip', '/hosts/0/name', '/ip'])
    expect(atFields[0]?.message).toBe('is wrong. Fix it.')
    expect(elsewhere).toEqual([])
  })

  it('keeps what belongs to no field', () => {
    const { atFields, elsewhere } = placeErrors(problemAt('name', 'inputs', 'inputs.unknown'), schema)
    expect(atFields).toEqual([])
    expect(elsewhere.map(({ field }) => field)).toEqual(['name', 'inputs', 'inputs.unknown'])
  })

  it('takes a field called like the prefix for the field', () => {
    const own = { properties: { inputs: { type: 'string' } } }
    expect(placeErrors(problemAt('inputs.inputs', 'inputs'), own).atFields).toHaveLength(2)
  })
})
