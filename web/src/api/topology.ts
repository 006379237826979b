import { callComponent } from './componentCalls'

export type PlaceKind = 'biz' | 'set' | 'module'
/** A business, set or module by its id and the ids of what it stands in; a new one by those of what it shall stand in. */
export interface PlaceAddress {
  kind: PlaceKind
  business?: number
  set?: number
  module?: number
}

const NOUN = { biz: 'business', set: 'set', module: 'module' } as const

const idsOf = ({ business, set, module }: PlaceAddress): object => ({ bk_biz_id: business, bk_set_id: set, bk_module_id: module })
const named = ({ kind }: PlaceAddress, name: string): object => ({ data: { [`bk_${kind}_name`]: name } })

export function createPlace(system: string, inside: PlaceAddress, name: string): Promise<Record<string, unknown>> {
  return callComponent(system, `create_${NOUN[inside.kind]}`, { ...idsOf(inside), ...named(inside, name) })
}
export function renamePlace(system: string, place: PlaceAddress, name: string): Promise<Record<string, unknown>> {
  return callComponent(system, `update_${NOUN[place.kind]}`, { ...idsOf(place), ...named(place, name) })
}
/** A set goes with its modules. The inventory refuses while hosts stand in it. */
export function deletePlace(system: string, place: PlaceAddress): Promise<object> {
  return callComponent(system, `delete_${NOUN[place.kind]}`, idsOf(place))
}
