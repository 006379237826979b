import { describe, expect, it } from 'vitest'
import { changeOf, formOf, isComplete, newAccountOf } from './accountForm'

const filled = { ...formOf(null), alias: ' deploy ', account: 'ops', key: 'KEY' }
const kept = {
  id: 4, alias: 'deploy', account: 'ops', port: 2222, authentication: 'key', sudo_user: 'root', jump_ip: '', jump_account_id: null,
  last_modify_user: 'ada', last_modify_time: 0,
}

describe('an account', () => {
  it('is made with the one way to sign in that was chosen', () => {
    expect(newAccountOf(filled)).toEqual({ alias: 'deploy', account: 'ops', port: 22, sudo_user: '', private_key: 'KEY\n' })
    expect(newAccountOf({ ...filled, way: 'password', password: ' p ', sudoPassword: 's' })).toEqual({ alias: 'deploy', account: 'ops', port: 22, sudo_user: '', password: ' p ', sudo_password: 's' })
    expect(newAccountOf({ ...filled, way: 'agent', jumpIp: '10.0.0.1', jumpAccount: 3 })).toEqual({ alias: 'deploy', account: 'ops', port: 22, sudo_user: '', use_agent: true, jump_ip: '10.0.0.1', jump_account_id: 3 })
  })

  it('keeps its secrets unless others are given', () => {
    expect(changeOf(formOf(kept))).toEqual({ account: 'ops', port: 2222, sudo_user: 'root' })
    expect(changeOf({ ...formOf(kept), way: 'password', password: 'p' })).toEqual({ account: 'ops', port: 2222, sudo_user: 'root', password: 'p' })
  })

  it('is complete with a name, a user, a secret, and a jump host that has both its parts', () => {
    expect(isComplete(filled)).toBe(true)
    expect(isComplete(formOf(kept))).toBe(true)
    expect(isComplete({ ...filled, key: ' ' })).toBe(false)
    expect(isComplete({ ...filled, alias: ' ' })).toBe(false)
    expect(isComplete({ ...filled, account: '' })).toBe(false)
    expect(isComplete({ ...filled, way: 'password' })).toBe(false)
    expect(isComplete({ ...filled, jumpIp: '10.0.0.1' })).toBe(false)
    expect(isComplete({ ...filled, jumpAccount: 3 })).toBe(false)
  })
})
