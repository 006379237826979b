/**
 * Takes the place of `ajv` and `ajv-formats` in the bundle: JSON Forms imports them, but is always given our
 * validator instead (see validator.ts). Ajv compiles schemas to JavaScript, which the content security policy forbids.
 */
export default function WithoutAjv(): never {
  throw new Error('JSON Forms was used without its validator')
}
