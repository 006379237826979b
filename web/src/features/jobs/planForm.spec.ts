// @vitest-environment jsdom
import { describe, expect, it } from 'vitest'
import type { PlanDetail } from '@/api/jobPlans'
import { isHosts, serversOf, textOf } from './hosts'
import { isReady, planForm, planFrom } from './planForm'

const PLAN: PlanDetail = {
  id: 4, name: 'release', description: '', version: 2, creator: 'ada', last_modify_user: 'ada', last_modify_time: 0,
  global_var_list: [
    { name: 'VERSION', type: 1, description: '', required: 1, value: '1.4', has_value: true, server: null },
    { name: 'TOKEN', type: 4, description: '', required: 0, value: null, has_value: true, server: null },
    { name: 'WEB', type: 3, description: '', required: 0, value: null, has_value: true, server: { host_id_list: [17], dynamic_group_list: [{ id: 'g' }] } },
  ],
  step_list: [
    { name: 'ask', type: 3, approval_info: { approval_message: 'Go?' } },
    { name: 'run', type: 1, script_info: { script_content: 'ZWNobyDno4Hnm5g=', script_language: 1, script_param: 'LWE=', script_timeout: 60, is_param_sensitive: false, account: { alias: 'deploy' }, server: { variable: 'WEB' }, ...{ rolling_config: { expression: '1 10%' } } } },
  ],
}

describe('the form of a plan', () => {
  it('sends what it read, with what it does not show', () => {
    const sent = planFrom(planForm(PLAN))
    expect(sent.global_var_list).toEqual([
      { name: 'VERSION', type: 1, description: '', required: true, value: '1.4' },
      { name: 'TOKEN', type: 4, description: '', required: false },
      { name: 'WEB', type: 3, description: '', required: false, server: { host_id_list: [17], dynamic_group_list: [{ id: 'g' }] } },
    ])
    expect(sent.step_list[0]).toEqual({ name: 'ask', type: 3, approval_info: { approval_message: 'Go?' } })
    expect(sent.step_list[1]?.script_info).toMatchObject({ script_content: 'ZWNobyDno4Hnm5g=', script_param: 'LWE=', account: { alias: 'deploy' }, server: { variable: 'WEB' }, rolling_config: { expression: '1 10%' } })
  })

  it('is ready once everything has a name and hosts are hosts', () => {
    const form = planForm(PLAN)
    expect(isReady(form)).toBe(true)
    for (const { hosts } of form.variables) hosts.text = 'web-1'
    expect(isReady(form)).toBe(false)
    expect(isReady(planForm(null))).toBe(false)
  })
})

describe('hosts as text', () => {
  it('names them by address, with another cloud area, or by id', () => {
    expect(serversOf('10.0.0.1; 3:10.0.0.2', null)).toEqual({ ip_list: [{ bk_cloud_id: 0, ip: '10.0.0.1' }, { bk_cloud_id: 3, ip: '10.0.0.2' }] })
    expect(textOf(serversOf('10.0.0.1 3:10.0.0.2', null))).toBe('10.0.0.1, 3:10.0.0.2')
    expect(serversOf('2001:db8::1', null)).toEqual({ ip_list: [{ bk_cloud_id: 0, ip: '2001:db8::1' }] })
    expect(serversOf('#17, #4', null)).toEqual({ host_id_list: [17, 4] })
  })

  it('takes no mixture and no names', () => {
    expect(['10.0.0.1', '#1 #2', '', '2001:db8::1'].map(isHosts)).toEqual([true, true, true, true])
    expect(['10.0.0.1 #2', 'web-1'].map(isHosts)).toEqual([false, false])
  })
})
