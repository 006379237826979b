import type { ImportSource, NewSource } from '@/api/inventory'

/** A source as it is typed in. */
export interface TypedSource {
  name: string
  kind: ImportSource['kind']
  bk_biz_id: number
  url: string
  token: string
  /** Addresses and networks, with commas or spaces between them. */
  addresses: string
  username: string
  password: string
  private_key: string
  known_hosts: string
  accept_new_host_keys: boolean
  scheduled: boolean
  every_minutes: number
  vanished: ImportSource['vanished']
}

/** The source as the inventory takes it, with the settings and the secret of its kind alone. */
export function sourceOf(typed: TypedSource): NewSource {
  const { kind, bk_biz_id, vanished } = typed
  const always = { name: typed.name.trim(), kind, bk_biz_id, vanished, every_minutes: typed.scheduled ? typed.every_minutes : null }
  if (kind === 'netbox') return { ...always, netbox: { url: typed.url.trim() }, secret: { token: typed.token.trim() } }
  const addresses = typed.addresses.split(/[\s,]+/).filter((address) => address !== '')
  const secret = typed.private_key.trim() === '' ? { password: typed.password } : { private_key: typed.private_key }
  return { ...always, ssh: { addresses, username: typed.username.trim(), known_hosts: typed.known_hosts, accept_new_host_keys: typed.accept_new_host_keys }, secret }
}
