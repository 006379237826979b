import type { PlaceAddress, PlaceKind } from '@/api/topology'

/** Where in a business hosts are looked for; neither is the whole business. */
export interface Place {
  set?: number
  module?: number
}

export type PlaceAct = 'addSet' | 'addModule' | 'rename' | 'delete'

/** A name to be given: to a place that is there, or, with an empty one before, to a new one. */
export interface PlaceNaming {
  place: PlaceAddress
  name: string
  /** The name of what a new place shall stand in. */
  inside: string
}

/** What may be done with each kind of place. A business stays, as what is told of it elsewhere refers to its id. */
export const ACTS: Record<PlaceKind, PlaceAct[]> = {
  biz: ['addSet', 'rename'],
  set: ['addModule', 'rename', 'delete'],
  module: ['rename', 'delete'],
}

/** The name that an act asks for; null where it asks for none. */
export function namingOf(act: PlaceAct, place: PlaceAddress, name: string): PlaceNaming | null {
  switch (act) {
    case 'addSet': return { place: { ...place, kind: 'set' }, name: '', inside: name }
    case 'addModule': return { place: { ...place, kind: 'module' }, name: '', inside: name }
    case 'rename': return { place, name, inside: '' }
    default: return null
  }
}
