// @vitest-environment jsdom
import { describe, expect, it } from 'vitest'
import { HOSTS, SEALED, TEXT, type PlanVariable } from '@/api/jobPlans'
import { areSound, givenOf, typedOf } from './planValues'

const variable = (name: string, type: number, more: Partial<PlanVariable> = {}): PlanVariable => ({ name, type, description: '', required: false, ...more })
const LEVEL = variable('level', TEXT, { id: 4, value: 'info' })
const TOKEN = variable('token', SEALED)
const WHERE = variable('where', HOSTS)
const ALL = [LEVEL, TOKEN, WHERE]

describe('the values of a plan', () => {
  it('are those that were given, by name or by id, and never a sealed one', () => {
    const given = [{ id: 4, value: 'debug' }, { name: 'token' }, { name: 'where', server: { ip_list: [{ bk_cloud_id: 0, ip: '10.0.0.1' }] } }]
    expect(typedOf(ALL, given)).toEqual({ level: 'debug', token: '', where: '10.0.0.1' })
  })

  it('are the plan’s own where nothing is typed', () => {
    expect(givenOf(ALL, { level: '', token: '', where: '' }, [])).toEqual([])
    expect(givenOf(ALL, { level: 'debug', token: 'hush', where: '10.0.0.2' }, [])).toEqual([
      { name: 'level', value: 'debug' },
      { name: 'token', value: 'hush' },
      { name: 'where', server: { ip_list: [{ bk_cloud_id: 0, ip: '10.0.0.2' }] } },
    ])
  })

  it('stay where nobody sees them: a sealed one, and places among hosts', () => {
    const topo_node_list = [{ id: 3, node_type: 'module' }]
    const before = [{ name: 'level', value: 'debug' }, { name: 'token' }, { name: 'where', server: { topo_node_list } }]
    expect(givenOf(ALL, { level: '', token: '', where: '' }, before)).toEqual([{ name: 'token' }, { name: 'where', server: { ip_list: [], topo_node_list } }])
  })

  it('are sound when what must be there is there and hosts are hosts', () => {
    const needed = { ...TOKEN, required: true }
    expect(areSound([needed], {}, [])).toBe(false)
    expect(areSound([needed], {}, [{ name: 'token' }])).toBe(true)
    expect(areSound([{ ...needed, has_value: true }], {}, [])).toBe(true)
    expect(areSound([WHERE], { where: 'nowhere' }, [])).toBe(false)
  })
})
