import type { components } from '../schema'

/** Shapes of the management API, as its OpenAPI document has them. */
export type Schemas = components['schemas']
/** A shape with some of it told more closely: what the document knows only as "an object", as definitions, forms and inputs. */
export type Refined<Shape, Closer> = Omit<Shape, keyof Closer> & Closer
