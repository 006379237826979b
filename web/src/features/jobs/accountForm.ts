import type { AccountSecrets, AccountSettings, NewAccount } from '@/api/jobAccess'
import type { Account } from '@/api/jobs'

/** How the account signs in; `kept` is as it does already. */
export const WAYS = ['key', 'password', 'agent'] as const
export type Way = (typeof WAYS)[number] | 'kept'

export interface AccountForm {
  alias: string
  account: string
  port: number
  way: Way
  password: string
  key: string
  sudoUser: string
  sudoPassword: string
  jumpIp: string
  jumpAccount: number | null
}

export function formOf(account: Account | null): AccountForm {
  return {
    alias: account?.alias ?? '', account: account?.account ?? '', port: account?.port ?? 22,
    way: account === null ? 'key' : 'kept', password: '', key: '',
    sudoUser: account?.sudo_user ?? '', sudoPassword: '', jumpIp: account?.jump_ip ?? '', jumpAccount: account?.jump_account_id ?? null,
  }
}

export function isComplete(form: AccountForm): boolean {
  const secret = { key: form.key.trim() !== '', password: form.password !== '', agent: true, kept: true }[form.way]
  const jumps = (form.jumpIp.trim() === '') === (form.jumpAccount === null)
  return form.alias.trim() !== '' && form.account.trim() !== '' && secret && jumps
}

/** The secrets of a form; null where those that are kept stay. */
function secretsOf(form: AccountForm): AccountSecrets | null {
  const sudo = form.sudoPassword === '' ? {} : { sudo_password: form.sudoPassword }
  switch (form.way) {
    case 'kept': return null
    case 'agent': return { use_agent: true, ...sudo }
    case 'password': return { password: form.password, ...sudo }
    // A key that was pasted without its last line break can't be read.
    case 'key': return { private_key: `${form.key.trim()}\n`, ...sudo }
  }
}

const settingsOf = (form: AccountForm): AccountSettings => ({ account: form.account.trim(), port: form.port, sudo_user: form.sudoUser.trim() })

export const changeOf = (form: AccountForm): AccountSettings & Partial<AccountSecrets> => ({ ...settingsOf(form), ...secretsOf(form) })

/** @throws Error for a form that keeps secrets: a new account has none to keep. */
export function newAccountOf(form: AccountForm): NewAccount {
  const secrets = secretsOf(form)
  if (secrets === null) throw new Error('A new account needs a way to sign in')
  const jump = form.jumpAccount === null ? {} : { jump_ip: form.jumpIp.trim(), jump_account_id: form.jumpAccount }
  return { alias: form.alias.trim(), ...settingsOf(form), ...secrets, ...jump }
}
