import type { Address } from '@/api/messages'

export interface Person {
  username: string
  addresses: Address[]
}

/** Addresses by whose they are, in the order of names. */
export function peopleOf(addresses: Address[]): Person[] {
  const people = new Map<string, Address[]>()
  for (const address of addresses) people.set(address.username, [...(people.get(address.username) ?? []), address])
  return [...people].map(([username, own]) => ({ username, addresses: own })).sort((one, other) => one.username.localeCompare(other.username))
}
