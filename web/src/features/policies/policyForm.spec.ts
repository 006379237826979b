// @vitest-environment jsdom
import { describe, expect, it } from 'vitest'
import { ApiProblem } from '@/api/problem'
import type { PolicyKind } from '@/api/types'
import { formData, placePolicyProblems, policyForm } from './policyForm'

const KIND: PolicyKind = {
  name: 'rate-limit',
  summary: 'So many calls.',
  levels: ['system', 'stage'],
  is_cumulative: true,
  config_schema: {
    $defs: { Rate: { type: 'object', properties: { period: { type: 'integer', enum: [1, 60] }, tokens: { type: 'integer' } } } },
    type: 'object',
    properties: {
      rates: { type: 'object', additionalProperties: { type: 'array', items: { $ref: '#/$defs/Rate' } } },
      per: { type: 'string', enum: ['app', 'user'], default: 'app' },
      delay: { anyOf: [{ type: 'object', properties: { share: { type: 'number', default: 100 } } }, { type: 'null' }], default: null },
    },
  },
}

describe('policyForm', () => {
  it('has the texts of fields and choices, those of lists without numbers', () => {
    const known: Record<string, string> = { 'period label': 'In each', 'period choices.60': 'minute' }
    const form = policyForm(KIND, (_kind, field, part) => known[`${field} ${part}`], 'en')
    expect(form.i18n).toEqual({ en: { 'rates.value.period.label': 'In each', 'rates.value.period.60': 'minute' } })
  })
})

describe('formData', () => {
  it('starts with the defaults, and asks for nothing inside of what is optional', () => {
    expect(formData(KIND, null)).toEqual({ per: 'app' })
  })

  it('starts with what stands', () => {
    expect(formData(KIND, { per: 'user', rates: { shop: [{ period: 1, tokens: 2 }] } })).toEqual({ per: 'user', rates: [{ name: 'shop', value: [{ period: 1, tokens: 2 }] }] })
  })
})

describe('placePolicyProblems', () => {
  const error = new ApiProblem(422, {
    errors: [
      { field: 'policies.1.config.rates.shop.0.tokens', problem: 'is too small' },
      { field: 'policies.0.config.per', problem: 'is another policy\'s' },
    ],
  })

  it('puts each at its field, and keeps those of other policies apart', () => {
    const placed = placePolicyProblems(error, KIND, 1, { rates: { shop: [{ period: 1, tokens: 0 }] } })
    expect(placed.atFields.map(({ instancePath, message }) => [instancePath, message])).toEqual([['/rates/0/value/0/tokens', 'is too small']])
    expect(placed.elsewhere.map(({ field }) => field)).toEqual(['policies.0.config.per'])
  })
})
