import { callComponent } from './componentCalls'
import type { Listed, Scope } from './jobs'
import type { LiveView } from './types'

/** How an account signs in; all its secrets are replaced together. */
export type AccountSecrets = ({ password: string } | { private_key: string } | { use_agent: true }) & { sudo_password?: string }

export interface AccountSettings {
  account: string
  port: number
  sudo_user: string
}

export type NewAccount = AccountSettings & AccountSecrets & { alias: string; jump_ip?: string; jump_account_id?: number }

/** A key that a host has shown, or was entered; nobody has accepted it while `accepted_time` is null. */
export interface HostKey {
  id: number
  bk_cloud_id: number
  ip: string
  port: number
  fingerprint: string
  seen_time: number
  accepted_by: string
  accepted_time: number | null
}

type ChangedOne = { id: number } & Partial<LiveView>

const LENGTH = 50

export const createAccount = (system: string, scope: Scope, account: NewAccount): Promise<ChangedOne> =>
  callComponent(system, 'create_account', { ...scope, ...account })

/** Without secrets those that are kept stay. */
export const updateAccount = (system: string, scope: Scope, id: number, account: AccountSettings & Partial<AccountSecrets>): Promise<ChangedOne> =>
  callComponent(system, 'update_account', { ...scope, id, ...account })

export const deleteAccount = (system: string, scope: Scope, id: number): Promise<ChangedOne> =>
  callComponent(system, 'delete_account', { ...scope, id })

export const listHostKeys = (system: string, ip: string, start: number): Promise<Listed<HostKey>> =>
  callComponent(system, 'list_host_keys', { ...(ip !== '' && { ip }), start, length: LENGTH })

export const acceptHostKey = (system: string, { bk_cloud_id, ip, port, fingerprint }: HostKey): Promise<ChangedOne> =>
  callComponent(system, 'accept_host_key', { bk_cloud_id, ip, port, fingerprint })

export const forgetHostKey = (system: string, id: number): Promise<ChangedOne> => callComponent(system, 'forget_host_key', { id })
