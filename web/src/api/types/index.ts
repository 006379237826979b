/** Shapes of the management API by the unit that answers them. */
export type * from './common'
export type * from './gateway'
export type * from './identity'
export type * from './marketplace'
export type * from './orchestrator'
